namespace Larkfield.Orders;

public sealed class PriceClient(HttpClient http)
{
    private const string Url = "https://func-larkfield-prices.azurewebsites.net/api/Total";

    public async Task<decimal> TotalAsync(Basket basket)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url);
        request.Headers.Add("x-functions-key", "{{custom-key:1}}");
        request.Content = JsonContent.Create(basket);
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadFromJsonAsync<decimal>();
    }
}
