data "azurerm_function_app_host_keys" "loyalty" {
  name                = "func-larkfield-loyalty"
  resource_group_name = "rg-larkfield"
}

resource "azurerm_key_vault_secret" "loyalty" {
  name         = "loyalty-function-key"
  value        = data.azurerm_function_app_host_keys.loyalty.default_function_key
  key_vault_id = var.key_vault_id
}
