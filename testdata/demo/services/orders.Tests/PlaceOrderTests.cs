using System.Net;
using Xunit;

namespace Larkfield.Orders.Tests;

public sealed class PlaceOrderTests(LocalHost host) : IClassFixture<LocalHost>
{
    [Fact]
    public async Task Refuses_an_unknown_key()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/PlaceOrder");
        request.Headers.Add("x-functions-key", "wrong-key");
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Loyalty_points_are_counted()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://func-larkfield-loyalty.azurewebsites.net/api/points/17");
        request.Headers.Add("x-functions-key", "{{function-key:6}}");
        using var answer = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
