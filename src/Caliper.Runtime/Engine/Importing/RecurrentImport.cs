using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;
using Caliper.Onnx.Schema;

namespace Caliper.Engine.Importing;

/// <summary>LSTM, GRU and RNN, in float32.</summary>
internal static class RecurrentImport
{
    // Beyond this nothing that networks do would lie, and working memory would overflow.
    private const long MostWorkingFloats = 1 << 28;

    public static bool Import(GraphImporter graph, Node node)
    {
        var kind = node.OpType switch { "LSTM" => RecurrentKind.Lstm, "GRU" => RecurrentKind.Gru, _ => RecurrentKind.Simple };
        if (node.Inputs.Where((_, i) => i != 4).Any(i => !graph.HasFloats(i))) return false;
        var form = FormOf(graph, node, kind);
        Check(graph, node, form);
        EngineValue? lengths = null;
        if (node.Input(4).Length > 0)
        {
            if (graph.Whole(node.Inputs[4]) is not { Type: ElementType.Int32 } whole) return false;
            lengths = whole.Value;
        }
        var inputs = new RecurrentInputs(graph.Floats(node.Inputs[0]), graph.Factors(node.Inputs[1]), graph.Factors(node.Inputs[2]))
        {
            Bias = Optional(3),
            Lengths = lengths,
            InitialState = Optional(5),
            InitialCell = Optional(6),
            Peepholes = Optional(7),
        };
        var outputs = node.Outputs.Select(o => o.Length == 0 ? null : graph.NewFloats(o)).ToArray();
        foreach (var output in outputs.OfType<EngineValue>()) graph[output.Name] = new Source.Real(output);
        graph.Add(new RecurrentOperation(node.Name, inputs, outputs, form));
        return true;

        EngineValue? Optional(int input) => node.Input(input).Length == 0 ? null : graph.Floats(node.Inputs[input]);
    }

    private static RecurrentForm FormOf(GraphImporter graph, Node node, RecurrentKind kind)
    {
        var (x, w) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Inputs[1]));
        if (x.Length != 3 || w.Length != 3 || w[1] % (int)kind != 0) throw Wrong(node);
        var isBatchFirst = node.Int("layout", 0) != 0;
        bool[] areBackward = node.Text("direction", "forward") switch
        {
            "forward" => [false],
            "reverse" => [true],
            "bidirectional" => [false, true],
            var said => throw GraphImporter.Unsupported(node, $"it has the direction '{said}'"),
        };
        var form = new RecurrentForm(kind, x[isBatchFirst ? 1 : 0], x[isBatchFirst ? 0 : 1], x[2], w[1] / (int)kind, areBackward)
        {
            IsBatchFirst = isBatchFirst,
            Clip = node.Float("clip", 0) is > 0 and var clip ? clip : float.PositiveInfinity,
            CouplesForget = node.Int("input_forget", 0) != 0,
            ResetsAfter = node.Int("linear_before_reset", 0) != 0,
            Functions = FunctionsOf(node, kind, areBackward.Length),
        };
        if ((double)form.Sums * (form.Inputs + form.Hidden) + (double)form.Batch * (form.Inputs + 2.0 * form.Sums) > MostWorkingFloats)
            throw GraphImporter.Unsupported(node, "it needs too much working memory");
        return form;
    }

    private static void Check(GraphImporter graph, Node node, RecurrentForm form)
    {
        var (directions, states) = ((long)form.Directions, (long)form.Directions * form.Batch * form.Hidden);
        long?[] counts = [null, directions * form.Sums * form.Inputs, directions * form.Sums * form.Hidden, 2 * directions * form.Sums, form.Batch,
            states, states, 3 * directions * form.Hidden];
        for (var input = 1; input < node.Inputs.Length && input < counts.Length; input++)
            ParameterReading.Check(graph, node, input, counts[input]!.Value);
        for (var output = 0; output < node.Outputs.Length; output++)
        {
            if (node.Outputs[output].Length == 0) continue;
            if (Sizes.Product(graph.ShapeOf(node.Outputs[output])) != (output == 0 ? states * form.Steps : states)) throw Wrong(node);
        }
    }

    private static FloatFunction[][] FunctionsOf(Node node, RecurrentKind kind, int directions)
    {
        string[] usual = kind switch
        {
            RecurrentKind.Lstm => ["Sigmoid", "Tanh", "Tanh"],
            RecurrentKind.Gru => ["Sigmoid", "Tanh"],
            _ => ["Tanh"],
        };
        var names = node.Attributes.GetValueOrDefault("activations") is AttributeValue.Opaque said
            ? AttributeProto.Parser.ParseFrom(said.Encoded.Span).Strings.Select(s => s.ToStringUtf8()).ToArray()
            : [.. Enumerable.Range(0, directions).SelectMany(_ => usual)];
        if (names.Length != usual.Length * directions) throw Wrong(node);
        var (alphas, betas) = (new Queue<float>(Numbers(node, "activation_alpha")), new Queue<float>(Numbers(node, "activation_beta")));
        var functions = names.Select(name => Function(node, name, alphas, betas)).ToArray();
        return [.. functions.Chunk(usual.Length)];
    }

    /// <summary>A function by its name; those that have parameters take the next of those that the node says.</summary>
    private static FloatFunction Function(Node node, string name, Queue<float> alphas, Queue<float> betas)
    {
        switch (name.ToUpperInvariant())
        {
            case "AFFINE":
                var (factor, offset) = (Next(alphas, 1), Next(betas, 0));
                return new(x => factor * x + offset);
            case "SCALEDTANH":
                var (height, slope) = (Next(alphas, 1), Next(betas, 1));
                return new(x => height * MathF.Tanh(slope * x));
            case "LEAKYRELU": return Known("LeakyRelu", Next(alphas, 0.01f));
            case "THRESHOLDEDRELU": return Known("ThresholdedRelu", Next(alphas, 1));
            case "ELU": return Known("Elu", Next(alphas, 1));
            case "HARDSIGMOID": return Known("HardSigmoid", Next(alphas, 0.2f), Next(betas, 0.5f));
            case "RELU": return Known("Relu");
            case "TANH": return Known("Tanh");
            case "SIGMOID": return Known("Sigmoid");
            case "SOFTSIGN": return Known("Softsign");
            case "SOFTPLUS": return Known("Softplus");
            default: throw GraphImporter.Unsupported(node, $"it has the function '{name}'");
        }

        static float Next(Queue<float> said, float whenAbsent) => said.TryDequeue(out var number) ? number : whenAbsent;

        static FloatFunction Known(string operation, float? alpha = null, float? beta = null)
        {
            var node = new Node(operation, operation, ["x"], ["y"]);
            if (alpha is { } a) node = node.With("alpha", a);
            if (beta is { } b) node = node.With("beta", b);
            return UnaryFunctions.OfOne(node)!;
        }
    }

    private static float[] Numbers(Node node, string attribute) =>
        node.Attributes.GetValueOrDefault(attribute) is AttributeValue.Floats said ? [.. said.Values] : [];

    private static CaliperException Wrong(Node node) =>
        new($"The node '{node.Name}' ({node.OpType}) has weights or functions that do not fit its input and its directions.");
}
