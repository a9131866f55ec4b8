param appName string
param vaultName string

resource app 'Microsoft.Web/sites@2023-12-01' existing = {
  name: appName
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultName
}

// The key goes from the app into the vault, and through no file.
resource key 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'orders-function-key'
  properties: {
    value: listKeys('${app.id}/host/default', '2023-12-01').functionKeys.web
  }
}
