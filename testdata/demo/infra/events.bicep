resource subscription 'Microsoft.EventGrid/eventSubscriptions@2024-06-01-preview' = {
  name: 'parcel-delivered'
  properties: {
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: 'https://func-larkfield-parcel.azurewebsites.net/runtime/webhooks/eventgrid?functionName=OnDelivered&code={{system-key:2}}'
      }
    }
  }
}
