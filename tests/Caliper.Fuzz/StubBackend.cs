using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;

namespace Caliper.Fuzz;

/// <summary>Answers every graph with random numbers of the right type and shape: calibration needs tensors, not a float
/// engine, and native code of others is not what is tested.</summary>
internal sealed class StubBackend(int seed) : IExecutionBackend
{
    private const long MostElements = 1 << 20;

    public string Name => "random numbers";

    public IExecutionSession Load(Model model, ExecutionOptions options) => new Session(model, seed);

    /// <summary>A random tensor for each value; free axes have length 2.</summary>
    public static Dictionary<string, Tensor> Tensors(IEnumerable<Value> values, Random random)
    {
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var shape = Shape.Of([.. (value.Shape ?? Shape.Of(1)).Dimensions.Select(d => d.IsKnown ? d.Length : 2)]);
            var size = shape.ToArray().Aggregate(1.0, (product, length) => product * length);
            if (size > MostElements || shape.ToArray().Any(length => length > MostElements)) throw new CaliperException("Too large for the fuzzer.");
            var count = (long)size;
            var type = value.Type is ElementType.Undefined or ElementType.String ? ElementType.Float32 : value.Type;
            if (type is ElementType.Float32)
                tensors[value.Name] = Tensor.Of(shape, Enumerable.Range(0, (int)count).Select(_ => 4 * random.NextSingle() - 2).ToArray());
            else if (type is ElementType.Boolean)
                tensors[value.Name] = Tensor.Of(shape, Enumerable.Range(0, (int)count).Select(_ => random.Next(2) == 1).ToArray());
            else tensors[value.Name] = new Tensor(type, shape, new byte[type.ByteCount(count)]);
        }
        return tensors;
    }

    private sealed class Session(Model model, int seed) : IExecutionSession
    {
        public IExecutionResult Run(IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellationToken = default)
        {
            var known = model.Graph.Inputs.Select(i => inputs.TryGetValue(i.Name, out var fed) ? i with { Shape = fed.Shape } : i);
            var inferred = ShapeInference.Infer(model.Graph.With(inputs: [.. known]));
            return new Result(Tensors(inferred.Outputs, new Random(seed)));
        }

        public void Dispose() { }
    }

    private sealed class Result(Dictionary<string, Tensor> tensors) : IExecutionResult
    {
        public Tensor this[string output] => tensors[output];

        public void Dispose() { }
    }
}
