//! The kinds of resources that hold or receive keys.

/// Whether a kind of Terraform is an app of App Service.
pub(super) fn is_app(kind: &str) -> bool {
    matches!(
        kind,
        "azurerm_function_app"
            | "azurerm_function_app_slot"
            | "azurerm_linux_function_app"
            | "azurerm_linux_function_app_slot"
            | "azurerm_windows_function_app"
            | "azurerm_windows_function_app_slot"
            | "azurerm_function_app_flex_consumption"
            | "azurerm_app_service"
            | "azurerm_app_service_slot"
            | "azurerm_linux_web_app"
            | "azurerm_linux_web_app_slot"
            | "azurerm_windows_web_app"
            | "azurerm_windows_web_app_slot"
            | "azurerm_logic_app_standard"
            | "azurerm_static_site"
            | "azurerm_static_web_app"
    )
}

/// Whether it is a function app.
pub(super) fn is_function_app(kind: &str) -> bool {
    is_app(kind) && kind.contains("function_app")
}
