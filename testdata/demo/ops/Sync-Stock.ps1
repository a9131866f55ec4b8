# Sends the warehouse's count to the stock service.
param([Parameter(Mandatory)] [string] $Path)

$uri = 'https://larkfield-stock.azurewebsites.net/api/Update?code={{legacy-key:3}}'
Import-Csv $Path | ForEach-Object {
    Invoke-RestMethod -Method Post -Uri $uri -ContentType application/json -Body ($_ | ConvertTo-Json)
}
