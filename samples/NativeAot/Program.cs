// An int8 network as one native file of a few megabytes, without .NET on the machine:
//
//     dotnet publish -c Release samples/NativeAot -r linux-x64 -o OUT
//     OUT/NativeAot MODEL.int8.onnx
//
// Prints which vectors and kernels it computes with, how long it took from the start of the process to the first answer, and a checksum of the
// answer, which is the same however it was compiled: `dotnet run --project samples/NativeAot MODEL.int8.onnx` prints it, too.
using System.Diagnostics;
using System.Runtime.Intrinsics;
using Caliper;
using Caliper.Graphs;

if (args is not [var path])
{
    Console.Error.WriteLine("NativeAot MODEL.int8.onnx");
    return 2;
}
try
{
    using var session = Int8Session.Load(path);
    // A ramp, so that the checksum depends on every kernel.
    var inputs = session.Inputs.ToDictionary(i => i.Name, i => Ramp(i.Type, i.Shape!.Value));
    var outputs = session.Run(inputs);
    var sinceStart = DateTime.Now - Process.GetCurrentProcess().StartTime;
    var bits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
    Console.WriteLine(FormattableString.Invariant($"vectors of {bits} bits"));
    foreach (var kernels in session.Describe().Steps.GroupBy(s => s.Kernel).OrderByDescending(g => g.Count()))
        Console.WriteLine(FormattableString.Invariant($"kernel {kernels.Key}: {kernels.Count()} steps"));
    Console.WriteLine(FormattableString.Invariant($"first answer after {sinceStart.TotalMilliseconds:F0} ms"));
    Console.WriteLine($"checksum {Checksum(session, outputs):x16}");
    return 0;
}
catch (CaliperException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}

static Tensor Ramp(ElementType type, Shape shape)
{
    var values = new float[shape.ElementCount];
    for (var i = 0; i < values.Length; i++) values[i] = i % 251 / 125f - 1;
    return type is ElementType.Float32 ? Tensor.Of(shape, values)
        : throw new CaliperException($"This sample feeds floats; the network takes {type}.");
}

// FNV-1a over the bytes of the outputs.
static ulong Checksum(Int8Session session, IReadOnlyDictionary<string, Tensor> outputs)
{
    var hash = 14695981039346656037;
    foreach (var output in session.Outputs)
        foreach (var value in outputs[output.Name].Bytes.Span) hash = (hash ^ value) * 1099511628211;
    return hash;
}
