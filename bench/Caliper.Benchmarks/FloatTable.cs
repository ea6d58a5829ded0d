using System.Diagnostics;
using System.Globalization;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Benchmarks;

/// <summary>
/// What layers that stay float take: whole float networks in the engine and in ONNX Runtime, fused, on one thread, taking turns. Free axes are
/// given as numbers on the command line or are 1.
/// </summary>
internal static class FloatTable
{
    private const int Turns = 60;

    /// <summary>Prints the table.</summary>
    /// <param name="models">Float networks, each perhaps with the length of its free axes but the first: <c>rec.onnx=320</c>.</param>
    public static void Print(IReadOnlyList<string> models)
    {
        Console.WriteLine("| network | engine | ONNX Runtime | times as fast |\n|---|---|---|---|");
        foreach (var model in models) Console.WriteLine(Row(model));
    }

    private static string Row(string argument)
    {
        var (path, free) = argument.Split('=') is [var file, var length] ? (file, int.Parse(length, CultureInfo.InvariantCulture)) : (argument, 1);
        using var network = FloatModel.Load(path);
        using var fused = network.Fuse();
        var graph = fused.Model.Graph;
        Value[] inputs = [.. graph.Inputs.Select(i => i with { Shape = Fixed(i.Shape!.Value, free) })];
        var model = fused.Model with { Graph = graph.With(inputs: [.. inputs], intermediates: []) };
        var options = new ExecutionOptions { Threads = 1 };
        using var own = Int8Session.FromModel(model, new Int8SessionOptions { Threads = 1 });
        using var other = OnnxRuntimeBackend.Instance.Load(model, options);
        var random = new Random(1);
        var fed = inputs.ToDictionary(i => i.Name, i => Noise(i, random), StringComparer.Ordinal);
        var times = new[] { new List<double>(), new List<double>() };
        for (var turn = 0; turn < Turns; turn++)
        {
            times[0].Add(Milliseconds(() => own.Run(fed)));
            times[1].Add(Milliseconds(() => other.Run(fed).Dispose()));
        }
        var medians = times.Select(t => t.Order().ElementAt(t.Count / 2)).ToArray();
        var name = Path.GetFileName(path) is "model.onnx" ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))!) : Path.GetFileName(path);
        return string.Create(CultureInfo.InvariantCulture, $"| {name} | {medians[0]:G3} ms | {medians[1]:G3} ms | {medians[1] / medians[0]:F2} |");
    }

    private static Shape Fixed(Shape shape, int free) =>
        new([.. shape.Dimensions.Select((d, axis) => Dimension.Of(d.IsKnown ? d.Length : axis == 0 ? 1 : free))]);

    private static Tensor Noise(Value input, Random random)
    {
        var shape = input.Shape!.Value;
        if (input.Type is not ElementType.Float32) return new Tensor(input.Type, shape, new byte[input.Type.ByteCount(shape.ElementCount)]);
        var floats = new float[shape.ElementCount];
        foreach (ref var x in floats.AsSpan()) x = 2 * random.NextSingle() - 1;
        return Tensor.Of(shape, floats);
    }

    private static double Milliseconds(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
