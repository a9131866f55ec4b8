import 'package:http/http.dart' as http;

class ParcelApi {
  static const _functionKey = '{{function-key:7}}';

  Future<http.Response> track(String parcel) => http.get(
        Uri.parse('https://func-larkfield-parcel.azurewebsites.net/api/track/$parcel'),
        headers: {'x-functions-key': _functionKey},
      );
}
