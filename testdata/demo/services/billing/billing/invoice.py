"""Renders invoices; the key comes from Key Vault."""

import os

import requests

URL = "https://func-larkfield-invoice.azurewebsites.net/api/Render"


def render(order: dict) -> bytes:
    headers = {"x-functions-key": os.environ["INVOICE_FUNCTION_KEY"]}
    answer = requests.post(URL, json=order, headers=headers, timeout=30)
    answer.raise_for_status()
    return answer.content
