// Counts visitors.
const counter = 'https://func-larkfield-visits.azurewebsites.net/api/count?code={{function-key:2}}';

export async function count() {
  const answer = await fetch(counter);
  document.getElementById('counter').textContent = (await answer.json()).count;
}
