import { test, expect } from '@playwright/test';

test('an order is accepted', async ({ request }) => {
  const answer = await request.post('https://func-larkfield-orders-test.azurewebsites.net/api/PlaceOrder', {
    headers: { 'x-functions-key': '{{function-key:4}}' },
    data: { isbn: '9780141439518', amount: 1 },
  });
  expect(answer.status()).toBe(202);
});
