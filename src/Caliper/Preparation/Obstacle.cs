using System.Numerics.Tensors;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>Why a layer stays float, said so that the reader knows what to do.</summary>
internal static class Obstacle
{
    /// <summary>The code of what is float because it is the network's result.</summary>
    public const string Result = "result";

    /// <summary>The code of what is float because only float layers read it.</summary>
    public const string Unread = "unread";

    /// <summary>The code of what is float because it divides channels before a product rounds them.</summary>
    public const string Division = "division";

    /// <summary>The code of what is float because what it reads is.</summary>
    public const string Input = "float-input";

    /// <summary>The code of what is float because it lies inside of a Loop or a Scan.</summary>
    public const string Body = "body";

    // exp(-1000) is 0 in float32 beside any score that a network computes; exporters write -1e4, -1e9 or the least float.
    private const float MaskedScore = -1000;

    // As many products of the largest integers as an int32 sum holds: (2³¹ - 1) / (255 · 128), or / (255 · 255) where neither operand is weights.
    private const long LongestSum = int.MaxValue / (255 * 128), LongestUnsignedSum = int.MaxValue / (255 * 255);

    /// <summary>What in the layer itself prevents an int8 form, or null.</summary>
    public static Diagnostic? Of(Graph graph, Layer layer, OperatorRole role)
    {
        var node = layer.Operation;
        return role switch
        {
            OperatorRole.Float when Conditional.Is(node) => Because(layer, "It chooses between the results of two branches, in float.",
                "Nothing needs to be done."),
            OperatorRole.Float when node.Attributes.Values.Any(a => a is AttributeValue.Subgraph) => OfBody(layer),
            OperatorRole.Float when node.Domain is "com.microsoft.nchwc" => Because(layer,
                "ONNX Runtime saved the network in a form that it made for one processor and that only it reads.",
                "Quantize the file that it was made of; saved at the level ORT_ENABLE_EXTENDED, a network stays readable."),
            OperatorRole.Float => Because(layer, $"The operator {layer.OpType} has no int8 form.",
                "It runs in float; the tensors around it are converted."),
            OperatorRole.Linear => OfLinear(graph, layer, node),
            OperatorRole.PassThrough => OfPassThrough(graph, layer, node),
            _ when HasDilations(node) => Because(layer, "It has dilations, which no int8 form of it has.",
                "It runs in float; the tensors around it are converted."),
            _ when OperatorRoles.DataInputs(node).Any(i => graph.Find(i) is { Type: not (ElementType.Float32 or ElementType.Undefined) }) =>
                Because(layer, "It does not work on float32 values.", "Nothing needs to be done."),
            _ => OfMask(graph, layer, node),
        };
    }

    /// <summary>Why the layers inside of a Loop, a Scan or an If that holds one stay float.</summary>
    private static Diagnostic OfBody(Layer layer) => new(Body, layer.Name,
        $"The layers inside of this {layer.OpType} stay float: only those in the branches of an If become int8, where these hold no Loop or Scan.",
        "Export the model with its loop unrolled, or with the loop's body as the model, to quantize them.");

    public static Diagnostic AfterLastProduct(Layer layer) => new(Result, layer.Name,
        "It computes the network's result after the last product, which is not squeezed into 256 values.", "Nothing needs to be done.");

    public static Diagnostic AfterChoice(Layer layer) => new(Result, layer.Name,
        "It comes after the values by which numbers choose rows, such as boxes: nothing could tell what 8 bits cost there.",
        "Nothing needs to be done.");

    public static Diagnostic Divides(Layer layer) => new(Division, layer.Name,
        "It divides channels just before they are rounded for a product, so that small ones use more of the 256 values.",
        "Nothing needs to be done.");

    public static Diagnostic UnreadInt8(Layer layer) => new(Unread, layer.Name,
        "All that reads its result computes in float, so that it is not squeezed into 256 values for them.",
        "It becomes int8 once one of them does.");

    /// <summary>Why a layer that reads no activation stays float: a constant has no observer, and needs none.</summary>
    public static Diagnostic ConstantInput(Graph graph, Layer layer) => layer.Operation.Reads().All(r => graph.Constant(r) is not null)
        ? Because(layer, FormattableString.Invariant($"It computes a constant of more than the {FoldingBudget.MostKeptElements:N0} elements ")
            + "that are computed in advance.", "Export the model with its result as an initializer, where that is wanted.")
        : Because(layer, "What it reads its values from is a constant.", "It takes them in float; what reads its result quantizes that.");

    public static Diagnostic Excluded(Layer layer) =>
        new("excluded", layer.Name, "It stays float because the qconfig excludes it.", "Remove the exclusion to quantize it.");

    public static Diagnostic FloatInput(Layer layer) =>
        new(Input, layer.Name, "What it reads is float.", "It becomes int8 once that does.");

    public static Diagnostic Unobserved(Layer layer, string value) =>
        new("unobserved", layer.Name, $"It stays float because no observer saw '{value}'.", "Calibrate with data that reaches it.");

    /// <summary>Why a layer stays float that lies in a branch of an If which no sample took.</summary>
    public static Diagnostic Unreached(Layer layer, string branch) =>
        new("unreached", layer.Name, $"The {branch} was never reached by these samples: it stays float.", "Calibrate with data that takes it.");

    public static Diagnostic FloatKernel(Layer layer) =>
        new("float-kernel", layer.Name, $"ONNX Runtime has no int8 kernel for {layer.OpType} and computes it in float between its int8 tensors.",
            "Nothing needs to be done unless it dominates the run time.");

    /// <summary>Why a recurrent layer computes in float although its weights become int8.</summary>
    public static Diagnostic FloatRecurrence(Layer layer) => new("int8-weights", layer.Name,
        "Its weights are stored in int8, a scale for each row; its sums and its state stay float, so that no error grows from step to step.",
        "Nothing needs to be done.");

    /// <summary>A constant that fills what attention must not see, with -inf or a number as good as that, leaves no levels to what it
    /// is added to.</summary>
    private static Diagnostic? OfMask(Graph graph, Layer layer, Node node) =>
        node.OpType is "Add" && node.Inputs.Any(i => graph.Constant(i) is { Type: ElementType.Float32 } constant && IsMask(constant))
            ? new("mask", layer.Name, "It adds a mask, beside whose values those of the scores would vanish among 256 levels.",
                "It runs in float up to its Softmax; nothing needs to be done.")
            : null;

    private static bool IsMask(Graphs.Tensor constant)
    {
        var values = constant.Span<float>();
        return !values.IsEmpty && (values.ContainsAnyExceptInRange(float.MinValue, float.MaxValue) || TensorPrimitives.Min(values) <= MaskedScore);
    }

    private static Diagnostic? OfLinear(Graph graph, Layer layer, Node node)
    {
        var kind = OperatorCatalogue.ProductOf(node);
        var isProduct = kind is ProductKind.MatMul && graph.Constant(node.Input(1)) is null && graph.Constant(node.Input(0)) is null;
        if (isProduct)
        {
            if (node.Inputs.Any(i => graph.Find(i) is { Type: not (ElementType.Float32 or ElementType.Undefined) }))
                return Because(layer, "It does not multiply float32 values.", "Nothing needs to be done.");
            return graph.Find(node.Inputs[0])?.Shape is { Rank: > 0 } shape
                && shape[shape.Rank - 1] is { IsKnown: true, Length: > LongestUnsignedSum and var terms } ? LongSum(layer, terms) : null;
        }
        if (graph.Constant(node.Input(1)) is not { } weights)
            return Because(layer, "Its weights are not constant.", "Export the model with its weights as initializers.");
        if (weights.Count == 0) return Because(layer, "Its weights are empty.", "Nothing needs to be done.");
        if (weights.Type != ElementType.Float32)
            return Because(layer, $"Its weights are {weights.Type}.", "Export the model in float32.");
        if (kind is ProductKind.Gemm && (LinearWeights.Of(graph, node) is null))
            return Because(layer, "It has transA, a factor, or a bias that is not one constant an output.", "Export it as a plain linear layer.");
        if (kind is ProductKind.MatMul && weights.Shape.Rank != 2)
            return Because(layer, "Its weights are a stack of matrices.", "It runs in float; the tensors around it are converted.");
        if (node.Input(2).Length > 0 && graph.Constant(node.Input(2)) is not { Type: ElementType.Float32 })
            return Because(layer, "Its bias is not constant.", "Export the model with its biases as initializers.");
        var products = weights.Count / weights.Shape[OutputAxis.Of(node, weights.Shape)].Length;
        return products > LongestSum ? LongSum(layer, products) : null;
    }

    private static Diagnostic LongSum(Layer layer, long products) => Because(layer,
        $"It sums {products} products, more than 32 bits are sure to hold.", "It runs in float; the tensors around it are converted.");

    private static Diagnostic? OfPassThrough(Graph graph, Layer layer, Node node)
    {
        if (graph.Find(node.Inputs[0]) is { Type: not (ElementType.Float32 or ElementType.Undefined) })
            return Because(layer, "It does not move float32 values.", "Nothing needs to be done.");
        if (ActivationRange.IsCut(node) && ActivationRange.Of(graph, node) is null)
            return Because(layer, "Its bounds are not constant.", "Export the model with constant bounds.");
        return node.OpType switch
        {
            "MaxPool" when node.Outputs.Length > 1 && node.Outputs[1].Length > 0 =>
                Because(layer, "Its indices are used.", "It runs in float; the tensors around it are converted."),
            "Pad" when !PadsWithZero(graph, node) =>
                Because(layer, "It pads with a value other than 0.", "It runs in float; the tensors around it are converted."),
            "Resize" when node.Text("mode", "nearest") != "nearest" =>
                Because(layer, "It interpolates.", "It runs in float; the tensors around it are converted."),
            "Resize" when node.Text("coordinate_transformation_mode", "") == "tf_crop_and_resize" =>
                Because(layer, "It extrapolates.", "It runs in float; the tensors around it are converted."),
            _ => null,
        };
    }

    /// <summary>Whether an AveragePool (of version 19 on) leaves out pixels between those that it averages.</summary>
    public static bool HasDilations(Node node) => node.Is("AveragePool") && node.Ints("dilations") is { } dilations && dilations.Any(d => d != 1);

    private static bool PadsWithZero(Graph graph, Node node)
    {
        if (node.Text("mode", "constant") != "constant") return true;
        return node.Input(2).Length == 0 || (graph.Constant(node.Input(2)) is { Type: ElementType.Float32, Count: 1 } value
            && value.Span<float>()[0] == 0);
    }

    private static Diagnostic Because(Layer layer, string message, string advice) => new("float-island", layer.Name, message, advice);
}
