using System.Collections.Immutable;
using Caliper.Conformance.Onnx;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using CsCheck;
using Google.Protobuf;

namespace Caliper.Conformance.Engine;

/// <summary>LSTM, GRU and RNN against ONNX Runtime, whose own sigmoid and hyperbolic tangent are approximations.</summary>
public class RecurrentTests
{
    /// <summary>A step's error is fed back: for each ten steps as much again.</summary>
    private static float Tolerance(int steps) => 5e-6f * (1 + (steps / 10f));

    /// <summary>A recurrent network and which of its operands it has.</summary>
    internal sealed record Case(string Operator, string Direction, int Steps, int Batch, int Inputs, int Hidden, bool HasBias, bool HasState,
        bool HasLengths, bool HasPeepholes, bool IsFed, int Flag, float Clip, int Seed)
    {
        public static Gen<Case> Any =>
            from operation in Gen.OneOf(Gen.Const("LSTM"), Gen.Const("GRU"), Gen.Const("RNN"))
            from direction in Gen.OneOf(Gen.Const("forward"), Gen.Const("reverse"), Gen.Const("bidirectional"))
            from steps in Gen.Frequency((1, Gen.Const(1)), (3, Gen.Int[2, 9]), (1, Gen.Int[60, 90]))
            from batch in Gen.Int[1, 7]
            from inputs in Gen.Int[1, 40]
            from hidden in Gen.Int[1, 40]
            from has in Gen.Bool.Array[5]
            from flag in Gen.Int[0, 1]
            from clip in Gen.Frequency((3, Gen.Const(0f)), (1, Gen.Const(0.5f)))
            from seed in Gen.Int[0, 1000]
            select new Case(operation, direction, steps, batch, inputs, hidden, has[0], has[1], has[2], has[3], has[4], flag, clip, seed);

        public int Directions => Direction == "bidirectional" ? 2 : 1;

        public int Sums => (Operator switch { "LSTM" => 4, "GRU" => 3, _ => 1 }) * Hidden;
    }

    [Fact]
    public void It_gives_ONNX_Runtimes_numbers_up_to_its_approximations() => Case.Any.Sample(c => Check(Build(c), c.Seed), iter: 80);

    [Theory]
    [InlineData("LSTM", "Sigmoid", "Softsign", "Relu")]
    [InlineData("LSTM", "HardSigmoid", "Tanh", "ScaledTanh")]
    [InlineData("GRU", "HardSigmoid", "LeakyRelu")]
    [InlineData("GRU", "Sigmoid", "Elu")]
    [InlineData("RNN", "Affine")]
    [InlineData("RNN", "Softplus")]
    public void Functions_that_the_node_says(string operation, params string[] functions)
    {
        var c = new Case(operation, "forward", 5, 2, 7, 9, true, true, false, false, false, 0, 0, 3);
        var model = Build(c);
        var said = new AttributeProto { Name = "activations", Type = AttributeProto.Types.AttributeType.Strings };
        said.Strings.Add(functions.Select(ByteString.CopyFromUtf8));
        var nodes = model.Graph.Nodes.Select(n => n.OpType != operation ? n : n.With("activations", new AttributeValue.Opaque(said.ToByteArray()))
            .With("activation_alpha", new AttributeValue.Floats([.. functions.Select(_ => 0.3f)]))
            .With("activation_beta", new AttributeValue.Floats([.. functions.Select(_ => 0.6f)])));
        Check(model with { Graph = model.Graph.With([.. nodes]) }, 5);
    }

    [Theory]
    [InlineData("LSTM")]
    [InlineData("GRU")]
    [InlineData("RNN")]
    public void Batch_first_is_the_same_in_another_order(string operation)
    {
        var c = new Case(operation, "bidirectional", 5, 3, 7, 9, true, true, false, false, false, 0, 0, 11);
        var model = Build(c);
        var feeds = Feeds(model, 7);
        var expected = Comparison.Run(model, feeds);
        var turned = Build(c, isBatchFirst: true);
        var actual = Comparison.Run(turned, feeds.ToDictionary(f => f.Key, f => f.Key is "x" or "h" or "c" ? Turn(f.Value, [1, 0, 2]) : f.Value));
        Comparison.AssertSame(Turn(expected["y"], [2, 0, 1, 3]), actual["y"]);
        foreach (var name in expected.Keys.Where(n => n != "y")) Comparison.AssertSame(Turn(expected[name], [1, 0, 2]), actual[name]);
    }

    [Fact]
    public void A_sequence_that_is_too_long_ends_the_run()
    {
        var model = Build(new Case("LSTM", "forward", 5, 2, 3, 4, true, false, true, false, true, 0, 0, 1));
        var feeds = Feeds(model, 1);
        feeds["lengths"] = Tensor.Vector(5, 6);
        Assert.Contains("6 of 5 steps", Assert.Throws<CaliperException>(() => Comparison.Run(model, feeds)).Message, StringComparison.Ordinal);
    }

    private static void Check(Model model, int seed)
    {
        var feeds = Feeds(model, seed);
        var expected = OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        var tolerance = Tolerance((int)model.Graph.Inputs[0].Shape!.Value[0].Length);
        foreach (var (name, actual) in Comparison.Run(model, feeds))
        {
            Assert.Equal(expected[name].Shape, actual.Shape);
            foreach (var (e, g) in expected[name].Span<float>().ToArray().Zip(actual.Span<float>().ToArray()))
                Assert.True(Math.Abs(e - g) <= tolerance * Math.Max(1, Math.Abs(e)), $"{name}: {e} is not {g}");
        }
        Comparison.AssertSameEverywhere(model, feeds);
    }

    private static Dictionary<string, Tensor> Feeds(Model model, int seed)
    {
        var random = new Random(seed);
        return model.Graph.Inputs.ToDictionary(i => i.Name, i =>
        {
            var numbers = Enumerable.Range(0, (int)i.Shape!.Value.ElementCount);
            var steps = (int)model.Graph.Inputs[0].Shape!.Value[0].Length;
            return i.Name == "lengths" ? Tensor.Vector([.. numbers.Select(_ => random.Next(1, steps + 1))])
                : Tensor.Of(i.Shape!.Value, numbers.Select(_ => Number(random, i.Name, i.Shape!.Value)).ToArray());
        });
    }

    private static Model Build(Case c, bool isBatchFirst = false)
    {
        var random = new Random(c.Seed);
        var constants = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        Value[] fed = [Value("x", isBatchFirst ? [c.Batch, c.Steps, c.Inputs] : [c.Steps, c.Batch, c.Inputs])];
        long[] states = isBatchFirst ? [c.Batch, c.Directions, c.Hidden] : [c.Directions, c.Batch, c.Hidden];
        var isLstm = c.Operator == "LSTM";
        string[] inputs =
        [
            "x", Parameter("w", true, c.Directions, c.Sums, c.Inputs), Parameter("r", true, c.Directions, c.Sums, c.Hidden),
            Parameter("b", c.HasBias, c.Directions, 2 * c.Sums), Lengths(), State("h", c.HasState), State("c", c.HasState && isLstm),
            Parameter("p", c.HasPeepholes && isLstm, c.Directions, 3 * c.Hidden),
        ];
        string[] outputs = isLstm ? ["y", "y_h", "y_c"] : ["y", "y_h"];
        var node = new Node("recurrent", c.Operator, [.. isLstm ? inputs : inputs[..6]], [.. outputs]).With("hidden_size", c.Hidden)
            .With("direction", c.Direction);
        if (c.Clip > 0) node = node.With("clip", c.Clip);
        if (isBatchFirst) node = node.With("layout", 1L);
        if (isLstm) node = node.With("input_forget", (long)c.Flag);
        if (c.Operator == "GRU") node = node.With("linear_before_reset", (long)c.Flag);
        var graph = new Graph("recurrent", [.. fed], [.. outputs.Select(o => new Value(o, ElementType.Float32, null))], [node],
            constants.ToImmutableSortedDictionary(StringComparer.Ordinal));
        return new Model(graph, ImmutableSortedDictionary<string, long>.Empty.Add("", 14)) { IrVersion = 7 };

        string Parameter(string name, bool isThere, params long[] shape)
        {
            if (!isThere) return "";
            if (c.IsFed) fed = [.. fed, Value(name, shape)];
            else constants[name] = Tensor.Of(Shape.Of(shape), Enumerable.Range(0, (int)Shape.Of(shape).ElementCount)
                .Select(_ => Number(random, name, Shape.Of(shape))).ToArray());
            return name;
        }

        string State(string name, bool isThere)
        {
            if (isThere) fed = [.. fed, Value(name, states)];
            return isThere ? name : "";
        }

        string Lengths()
        {
            if (c.HasLengths) fed = [.. fed, new Value("lengths", ElementType.Int32, Shape.Of(c.Batch))];
            return c.HasLengths ? "lengths" : "";
        }
    }

    /// <summary>Weights of a state are such that it forgets: else the last bit of one step decides over those that follow.</summary>
    private static float Number(Random random, string name, Shape shape) =>
        (random.NextSingle() * 2 - 1) * (name is "w" or "r" ? 1 / MathF.Sqrt(shape[-1].Length) : 1);

    private static Value Value(string name, params long[] shape) => new(name, ElementType.Float32, Shape.Of(shape));

    private static Tensor Turn(Tensor tensor, int[] order)
    {
        var shape = order.Select(axis => (int)tensor.Shape[axis].Length).ToArray();
        var from = tensor.Span<float>().ToArray();
        var strides = new int[order.Length];
        for (int axis = order.Length - 1, stride = 1; axis >= 0; stride *= (int)tensor.Shape[axis--].Length) strides[axis] = stride;
        var values = new float[from.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (rest, at) = (i, 0);
            for (var axis = order.Length - 1; axis >= 0; rest /= shape[axis--]) at += rest % shape[axis] * strides[order[axis]];
            values[i] = from[at];
        }
        return Tensor.Of(Shape.Of([.. shape.Select(l => (long)l)]), values);
    }
}
