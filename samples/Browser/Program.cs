// An int8 network in a browser: managed code as WebAssembly, nothing native beside it.
//
//     dotnet publish -c Release samples/Browser -o OUT
//
// and any server of files for OUT/wwwroot. An image that is clicked on, or a drawing, is classified. With `?check` behind the address the page
// shows the checksum that `dotnet run --project samples/NativeAot MODEL.int8.onnx` prints elsewhere, and how long a run takes; `?check=FILE` does
// so for any other network that lies beside the page.
using Browser;
using Microsoft.AspNetCore.Components.WebAssembly.Hosting;

var builder = WebAssemblyHostBuilder.CreateDefault(args);
builder.RootComponents.Add<App>("#app");
builder.Services.AddScoped(_ => new HttpClient { BaseAddress = new Uri(builder.HostEnvironment.BaseAddress) });
await builder.Build().RunAsync();
