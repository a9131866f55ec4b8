fetch("https://func-shop-prod.azurewebsites.net/api/count?code={{function-key}}").then(r => document.title = r)
