"""Sends receipts."""

import requests

URL = "https://func-larkfield-mail.azurewebsites.net/api/SendReceipt"
MAIL_FUNCTION_KEY = "{{function-key:5}}"


def send(receipt: dict) -> None:
    headers = {"x-functions-key": MAIL_FUNCTION_KEY}
    requests.post(URL, json=receipt, headers=headers, timeout=10).raise_for_status()
