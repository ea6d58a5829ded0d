// An int8 network as one native file of a few megabytes, without .NET on the machine:
//
//     dotnet publish -c Release samples/NativeAot -r linux-x64 -o OUT
//     OUT/NativeAot MODEL.int8.onnx
//
// Prints which vectors and kernels it computes with, how long it took from the start of the process to the first answer, and a checksum of the
// answer, which is the same however it was compiled: `dotnet run --project samples/NativeAot MODEL.int8.onnx` prints it, too.
using System.Diagnostics;
using Caliper;
using NativeAot;

if (args is not [var path])
{
    Console.Error.WriteLine("NativeAot MODEL.int8.onnx");
    return 2;
}
try
{
    using var session = Int8Session.Load(path);
    session.Warmup(runs: 1);
    var sinceStart = DateTime.Now - Process.GetCurrentProcess().StartTime;
    foreach (var line in Answers.Describe(session)) Console.WriteLine(line);
    Console.WriteLine(FormattableString.Invariant($"first answer after {sinceStart.TotalMilliseconds:F0} ms"));
    Console.WriteLine(Answers.Checksum(session));
    return 0;
}
catch (CaliperException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
