// Runs on the server: the browser never sees this key.
import express from 'express';

const app = express();
app.post('/checkout', express.json(), async (request, response) => {
  const answer = await fetch('https://func-larkfield-orders.azurewebsites.net/api/PlaceOrder', {
    method: 'POST',
    headers: { 'x-functions-key': process.env.ORDERS_KEY, 'content-type': 'application/json' },
    body: JSON.stringify(request.body),
  });
  response.status(answer.status).end();
});
app.listen(8080);
