using System.Runtime.InteropServices;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace Caliper.Conformance.Onnx;

/// <summary>One of the ONNX standard's own tests of operators, taken through everything that Caliper does to a model before it quantizes:
/// what comes out must be what the file says.</summary>
internal sealed class StandardTest
{
    // The tolerance of the standard's own test runner; beside zero, of the greatest value, as sums are made in another order.
    private const double RelativeTolerance = 1e-3;
    private const double ShareOfGreatest = 1e-6;

    private readonly string _folder;
    private readonly Dictionary<string, Tensor> _feeds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _expected = new(StringComparer.Ordinal);
    private readonly List<string> _wrong = [];

    private StandardTest(string folder) => _folder = folder;

    /// <summary>What happened to a test: <c>refused</c>, <c>no tensors</c>, <c>random</c>, <c>same</c>, with <c>, engine</c> where our own engine
    /// took it too; or <c>wrong</c>, and why.</summary>
    public static (string Outcome, string Why) Of(string folder)
    {
        var test = new StandardTest(folder);
        try
        {
            var outcome = test.Run();
            return test._wrong.Count == 0 ? outcome : ("wrong", string.Join("; ", test._wrong));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return ("wrong", $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")} {error.StackTrace?.Split('\n')[0]}");
        }
    }

    private (string, string) Run()
    {
        var path = Path.Combine(_folder, "model.onnx");
        Model model;
        try
        {
            model = OnnxFile.Read(path);
        }
        catch (CaliperException refusal)
        {
            return ("refused", refusal.Message);
        }
        if (!TryReadData(model)) return ("no tensors", "");
        if (!TryTakeRuntimesWord(path)) return ("random", "");
        Compare("written", () => OnnxRuntime.Run(NarrowTypes.Widen(OnnxFile.ToBytes(model)), _feeds));
        var narrow = model.Graph.Inputs.Concat(model.Graph.Outputs).Any(v => NarrowTypes.IsNarrow(v.Type));
        if (!narrow) Compare("fused", () => Fused(model));
        return !narrow && Compare("engine", () => Engine.Comparison.Run(model, _feeds)) ? ("same, engine", "") : ("same", "");
    }

    /// <summary>Runs the network after operators were raised, constants folded and batch norms joined.</summary>
    private IReadOnlyDictionary<string, Tensor> Fused(Model model)
    {
        using var loaded = new FloatModel(model);
        using var fused = loaded.Fuse();
        return fused.Run(_feeds);
    }

    /// <summary>Holds what a stage gives against what is expected. A stage may refuse, and ONNX Runtime may lack an operator.</summary>
    private bool Compare(string stage, Func<IReadOnlyDictionary<string, Tensor>> run)
    {
        IReadOnlyDictionary<string, Tensor> actual;
        try
        {
            actual = run();
        }
        catch (CaliperException)
        {
            return false;
        }
        catch (OnnxRuntimeException error)
        {
            if (_runs) _wrong.Add($"{stage}: {error.Message.ReplaceLineEndings(" ")}");
            return false;
        }
        foreach (var (name, tensor) in _expected)
            if (actual.TryGetValue(name, out var made) && Difference(tensor, made) is { } difference) _wrong.Add($"{stage}, {name}: {difference}");
        return true;
    }

    private bool _runs;

    /// <summary>Where ONNX Runtime runs the file itself, its numbers are what it means; false where they are another time other.</summary>
    private bool TryTakeRuntimesWord(string path)
    {
        try
        {
            var file = NarrowTypes.Widen(File.ReadAllBytes(path));
            var (once, again) = (OnnxRuntime.Run(file, _feeds), OnnxRuntime.Run(file, _feeds));
            _runs = true;
            foreach (var (name, tensor) in once)
            {
                if (Difference(tensor, again[name]) is not null) return false;
                _expected[name] = tensor;
            }
        }
        catch (Exception error) when (error is OnnxRuntimeException or NotSupportedException or ArgumentException)
        {
            // The numbers that are stored beside the file stand.
        }
        return true;
    }

    /// <summary>What a test feeds and what it expects, by name; null where a tensor is missing or of a type that is not read.</summary>
    public static (Dictionary<string, Tensor> Feeds, Dictionary<string, Tensor> Expected)? DataOf(string folder, Model model)
    {
        var test = new StandardTest(folder);
        return test.TryReadData(model) ? (test._feeds, test._expected) : null;
    }

    private bool TryReadData(Model model)
    {
        var data = Directory.GetDirectories(_folder, "test_data_set_*").Order(StringComparer.Ordinal).FirstOrDefault();
        if (data is null) return false;
        try
        {
            foreach (var (i, input) in model.Graph.Inputs.Where(v => !model.Graph.Initializers.ContainsKey(v.Name)).Index())
                _feeds[Name(input)] = Read(Path.Combine(data, $"input_{i}.pb"));
            foreach (var (i, output) in model.Graph.Outputs.Index()) _expected[Name(output)] = Read(Path.Combine(data, $"output_{i}.pb"));
            return _feeds.Values.Concat(_expected.Values).All(t => t.Type is not (ElementType.String or ElementType.Undefined));
        }
        catch (Exception error) when (error is CaliperException or IOException or NotSupportedException or InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static string Name(Value value) => NarrowTypes.IsNarrow(value.Type) ? value.Name + "_wide" : value.Name;

    private static Tensor Read(string path) =>
        NarrowTypes.Widen(TensorReader.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(path)), new ExternalDataReader()));

    /// <summary>In what a result is not the expected one, or null.</summary>
    public static string? Difference(Tensor expected, Tensor actual)
    {
        if ((expected.Type, expected.Shape) != (actual.Type, actual.Shape)) return $"{actual}, not {expected}";
        if (Reals(expected) is not { } e || Reals(actual) is not { } a)
            return expected.Bytes.Span.SequenceEqual(actual.Bytes.Span) ? null : "other integers";
        var greatest = e.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        for (var i = 0; i < e.Length; i++)
            if (!(e[i] == a[i] || (double.IsNaN(e[i]) && double.IsNaN(a[i]))
                || Math.Abs(e[i] - a[i]) <= RelativeTolerance * Math.Abs(e[i]) + ShareOfGreatest * greatest)) return $"{a[i]}, not {e[i]}";
        return null;
    }

    private static double[]? Reals(Tensor tensor) => tensor.Type switch
    {
        ElementType.Float16 => [.. MemoryMarshal.Cast<byte, Half>(tensor.Bytes.Span).ToArray().Select(h => (double)h)],
        ElementType.Float32 => [.. tensor.Span<float>().ToArray().Select(f => (double)f)],
        ElementType.Float64 => MemoryMarshal.Cast<byte, double>(tensor.Bytes.Span).ToArray(),
        _ => null,
    };
}
