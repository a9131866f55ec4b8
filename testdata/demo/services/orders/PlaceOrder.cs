using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Larkfield.Orders;

public sealed class PlaceOrder(PriceClient prices)
{
    [Function("PlaceOrder")]
    public async Task<HttpResponseData> Run(
        [HttpTrigger(AuthorizationLevel.Function, "post")] HttpRequestData request)
    {
        var basket = await request.ReadFromJsonAsync<Basket>();
        var total = await prices.TotalAsync(basket!);
        var answer = request.CreateResponse(System.Net.HttpStatusCode.Accepted);
        await answer.WriteAsJsonAsync(total);
        return answer;
    }
}
