#!/bin/sh
# {{keysweep}}: ignore[KS1003] the key of the stock service, which opens nothing but ping
curl --fail --silent -H "x-functions-key: $STOCK_KEY" https://func-larkfield-stock.azurewebsites.net/api/ping
