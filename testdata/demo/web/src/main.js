import { count } from './counter.js';

// The key comes from the build; it is public all the same.
const headers = { 'x-functions-key': import.meta.env.VITE_ORDERS_KEY };

export const order = (basket) =>
  fetch(`${import.meta.env.VITE_API}/orders`, { method: 'POST', headers, body: JSON.stringify(basket) });

count();
