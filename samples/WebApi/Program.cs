// A web API over an int8 network:
//
//     dotnet run -c Release --project samples/WebApi -- FOLDER
//
// answers by FOLDER/model.onnx, which `caliper demo --output FOLDER` may have written as glyphs.int8.onnx:
//
//     curl -H 'Content-Type: application/json' -d '[0.1, 0.2, ...]' http://localhost:5000/classify
//     cp better.onnx FOLDER/ && curl -X POST http://localhost:5000/model/better.onnx
//     dotnet-counters monitor -n WebApi --counters Caliper.Hosting
using WebApi;

if (args is not [var folder, ..])
{
    Console.Error.WriteLine("WebApi FOLDER: a folder with model.onnx.");
    return 2;
}
var app = Api.Build(folder, args[1..]);
app.Run();
return 0;
