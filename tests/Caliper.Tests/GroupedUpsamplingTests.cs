using Caliper.Conversion;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Tests;

/// <summary>Transposed convolutions in groups: their weights lie otherwise than those of a convolution, and no output may share its scale with all
/// others.</summary>
public class GroupedUpsamplingTests
{
    private const int Channels = 6;

    /// <summary>Groups, outputs of each, the axis of the scales and how many there are; both formats.</summary>
    public static TheoryData<int, int, int, int, QuantizedFormat> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, int, int, QuantizedFormat>();
            foreach (var format in Enum.GetValues<QuantizedFormat>())
            {
                cases.Add(Channels, 1, 0, Channels, format);
                cases.Add(Channels, 2, 0, Channels, format);
                cases.Add(2, 3, 1, 3, format);
                cases.Add(1, 4, 1, 4, format);
            }
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Channels_of_very_different_size_keep_their_digits(int groups, int ofGroup, int axis, int scales, QuantizedFormat format)
    {
        using var model = Network(groups, ofGroup);
        using var quantized = Convert(model, format);
        var graph = quantized.Model.Graph;
        var up = Assert.Single(graph.Nodes, n => n.Is("ConvTranspose"));
        var (weight, bias) = (graph.ProducerOf(up.Inputs[1])!, graph.ProducerOf(up.Inputs[2])!);
        Assert.Equal((axis, scales), ((int)weight.Int("axis", -1), graph.Constant(weight.Inputs[1])!.Count));
        Assert.Equal((0, groups * ofGroup), ((int)bias.Int("axis", -1), graph.Constant(bias.Inputs[1])!.Count));

        Assert.All(ErrorsOf(graph, weight, model.Model.Graph.Constant("w")!, axis, ofGroup), error => Assert.InRange(error, 0, 0.5 / 127));
        var inputs = Inputs(seed: 9);
        using var elsewhere = new QuantizedModel(quantized.Model, [], new ExecutionOptions { Int8Backend = OnnxRuntimeBackend.Instance });
        using var engine = new QuantizedModel(quantized.Model, [], new ExecutionOptions { Int8Backend = new CaliperBackend() });
        var closeness = Closeness.Decibels(elsewhere.Run(inputs)["up"], engine.Run(inputs)["up"]);
        Assert.InRange(closeness, 2 * Tolerances.Int8Decibels, double.PositiveInfinity);
    }

    /// <summary>The greatest error of each scale's weights, as a share of the greatest weight.</summary>
    private static IEnumerable<double> ErrorsOf(Graph graph, Node weight, Tensor floats, int axis, int ofGroup)
    {
        var scales = graph.Constant(weight.Inputs[1])!.Span<float>().ToArray();
        var integers = graph.Constant(weight.Inputs[0])!.Span<sbyte>().ToArray();
        var window = floats.Count / (Channels * ofGroup);
        return floats.Span<float>().ToArray()
            .Select((exact, i) => (exact, error: Math.Abs((double)exact - integers[i] * scales[At(i)]), scale: At(i)))
            .GroupBy(w => w.scale).Select(channel => channel.Max(w => w.error) / channel.Max(w => Math.Abs((double)w.exact)));

        int At(int index) => index / window / (axis == 0 ? ofGroup : 1) % scales.Length;
    }

    /// <summary>Outputs are a hundredth to a hundred times as large as others.</summary>
    private static FloatModel Network(int groups, int ofGroup)
    {
        float Size(int index) => MathF.Pow(10, (groups == Channels ? index / 4 / ofGroup : index / 4 % ofGroup) % 5 - 2f);
        float[] kernel = [.. Random(3, Channels, ofGroup, 2, 2).Select((v, i) => v * Size(i))];
        return new TestModel().Input("x", -1, Channels, 5, 5).Constant("w", Tensor.Of(Shape.Of(Channels, ofGroup, 2, 2), kernel))
            .Constant("b", Tensor.Vector(Random(4, groups * ofGroup)))
            .Node("ConvTranspose", "x w b", "up", n => n.With("group", groups).With("strides", 2, 2)).Output("up").Build();
    }

    private static float[] Random(int seed, params long[] lengths) => new TestModel(seed).RandomTensor(Shape.Of(lengths), 1).Span<float>().ToArray();

    private static Dictionary<string, Tensor> Inputs(int seed) => new() { [""] = new TestModel(seed).RandomTensor(Shape.Of(4, Channels, 5, 5), 1) };

    private static QuantizedModel Convert(FloatModel model, QuantizedFormat format)
    {
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        for (var seed = 0; seed < 4; seed++) prepared.Run(Inputs(seed));
        return prepared.Convert(new ConvertOptions { Format = format });
    }
}
