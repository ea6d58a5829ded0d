using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Tests.Fusion;

/// <summary>Operations that exporters write in pieces are one layer each, however they are written; what only resembles them is not.</summary>
public class CompositeTests
{
    private const long Width = 6;

    /// <summary>The pieces of each spelling, "operator inputs output" of each; x is the input, the last makes the result.</summary>
    public static TheoryData<string, string[]> Spellings => new()
    {
        // PyTorch's exporter, with the differences computed once and twice.
        { "LayerNorm", ["Mean x m", "Sub x_m d", "Pow d_two p", "Mean p v", "Add v_tiny e", "Sqrt e r", "Div d_r n", "Mul n_gain g",
            "Add g_offset y"] },
        { "LayerNorm", ["Mean x m", "Sub x_m d", "Sub x_m f", "Mul f_f p", "Mean p v", "Add v_tiny e", "Sqrt e r", "Div d_r n", "Mul gain_n g",
            "Add offset_g y"] },
        // TensorFlow's, which multiplies by the inverse root and takes the mean away last.
        { "LayerNorm", ["Mean x m", "Sub x_m d", "Mul d_d p", "Mean p v", "Add v_tiny e", "Sqrt e r", "Reciprocal r i", "Mul i_gain s", "Mul x_s a",
            "Mul m_s b", "Sub offset_b c", "Add a_c y"] },
        // Flax's: the mean of squares less the square of the mean, and never below 0.
        { "LayerNorm", ["Mean x m", "Mul x_x p", "Mean p q", "Mul m_m s", "Sub q_s t", "Max t_nought v", "Add v_tiny e", "Sqrt e r", "Reciprocal r i",
            "Mul i_gain j", "Sub x_m d", "Mul d_j g", "Add g_offset y"] },
        { "LayerNorm", ["Mean x m", "Sub x_m d", "Pow d_two p", "Mean p v", "Add v_tiny e", "Pow e_half r", "Div d_r y"] },
        { "RMSNorm", ["Pow x_two p", "Mean p v", "Add v_tiny e", "Sqrt e r", "Div x_r n", "Mul n_gain y"] },
        { "RMSNorm", ["Mul x_x p", "Mean p v", "Add v_tiny e", "Pow e_minushalf r", "Mul r_x n", "Mul gain_n y"] },
        { "Normalize", ["ReduceL2 x l", "Max l_tiny e", "Div x_e y"] },
        { "GELU", ["Div x_root h", "Erf h e", "Add e_one f", "Mul x_f g", "Mul g_half y"] },
        { "GELU", ["Mul x_half a", "Mul x_inverse h", "Erf h e", "Add one_e f", "Mul a_f y"] },
        { "GELU", ["Mul x_x s", "Mul x_s c", "Mul c_cubic d", "Add x_d a", "Mul a_pi b", "Tanh b t", "Add t_one f", "Mul f_half g", "Mul x_g y"] },
        { "GELU", ["Pow x_three c", "Mul c_cubic d", "Add x_d a", "Mul a_pi b", "Tanh b t", "Add t_one f", "Mul x_half h", "Mul h_f y"] },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void However_it_is_written_it_is_one_layer(string kind, string[] pieces)
    {
        using var model = Of(pieces).Output("y").Build();
        using var fused = model.Fuse();
        var layer = Assert.Single(fused.Layers);
        Assert.Equal(kind, layer.Kind);
        Assert.Equal(fused.Model.Graph.Nodes.Length, layer.Nodes.Count());
        Assert.Equal("y", layer.Output);
        using var prepared = fused.Prepare(QConfig.Default);
        Assert.Empty(prepared.Observers);
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void A_piece_that_is_read_elsewhere_makes_pieces_of_it(string kind, string[] pieces)
    {
        var first = pieces[0].Split(' ')[^1];
        using var model = Of(pieces).Output("y").Output(first).Build();
        using var fused = model.Fuse();
        Assert.DoesNotContain(fused.Layers, l => l.Kind == kind);
    }

    [Theory]
    [InlineData("Mean x m", "Sub x_m d", "Pow d_two p", "Mean p v", "Add v_tiny e", "Sqrt e y")]
    [InlineData("Mul x_half a", "Tanh a t", "Add t_one f", "Mul x_f y")]
    [InlineData("Sqrt x r", "Div x_r y")]
    [InlineData("Erf x e", "Add e_one f", "Mul f_half y")]
    public void What_only_resembles_it_is_none(params string[] pieces)
    {
        using var model = Of(pieces).Output("y").Build();
        using var fused = model.Fuse();
        Assert.DoesNotContain(fused.Layers, l => l.Kind is "LayerNorm" or "RMSNorm" or "Normalize" or "GELU");
    }

    [Fact]
    public void It_is_called_as_its_module_and_addressed_by_its_operator()
    {
        using var model = Of("Mean x m", "Sub x_m d", "Pow d_two p", "Mean p v", "Add v_tiny e", "Sqrt e r", "Div d_r n", "Mul n_norm.weight g",
            "Add g_offset y").Weights("norm.weight", 1, Width).Output("y").Build();
        using var fused = model.Fuse();
        Assert.Equal("norm", Assert.Single(fused.Layers).Name);
        Assert.Equal("LayerNormalization", fused.Layers[0].OpType);
    }

    [Fact]
    public void Linear_layers_around_it_become_int8_and_the_file_computes_what_was_calibrated()
    {
        using var model = new TestModel(3).Input("x", -1, 4, Width).Weights("w", 0.5f, Width, 8).Weights("u", 0.5f, 8, Width).Constants()
            .Node("MatMul", "x w", "h").Node("Mul", "h inverse", "i").Node("Erf", "i", "e").Node("Add", "e one", "f").Node("Mul", "h f", "g")
            .Node("Mul", "g half", "gelu").Node("MatMul", "gelu u", "y").Output("y").Build();
        using var fused = model.Fuse();
        Assert.Equal(["Linear", "GELU", "Linear"], fused.Layers.Select(l => l.Kind));
        using var prepared = fused.Prepare(QConfig.Default);
        var batch = new TestModel(5).Input("x", -1, 4, Width).Batch(16);
        prepared.Run(batch);
        using var quantized = prepared.Convert();
        Assert.InRange(Closeness.Decibels(model.Run(batch)["y"], quantized.Run(batch)["y"]), Tolerances.Int8Decibels, 80);
    }

    private static TestModel Of(params string[] pieces)
    {
        var model = new TestModel().Input("x", -1, 4, Width).Constants().Weights("gain", 1, Width).Weights("offset", 1, Width);
        foreach (var (opType, inputs, output) in pieces.Select(p => p.Split(' ')).Select(p => (p[0], p[1].Replace('_', ' '), p[2])))
        {
            if (opType is "Mean" or "ReduceL2")
                model.Node(opType is "Mean" ? "ReduceMean" : opType, inputs, output, n => n.With("axes", [-1]).With("keepdims", 1));
            else model.Node(opType, inputs, output);
        }
        return model;
    }
}

/// <summary>The numbers that spellings name.</summary>
file static class CompositeConstants
{
    public static TestModel Constants(this TestModel model) => new Dictionary<string, float>
    {
        ["one"] = 1,
        ["half"] = 0.5f,
        ["two"] = 2,
        ["three"] = 3,
        ["minushalf"] = -0.5f,
        ["nought"] = 0,
        ["tiny"] = 1e-5f,
        ["root"] = 1.4142135f,
        ["inverse"] = 0.70710677f,
        ["cubic"] = 0.044715f,
        ["pi"] = 0.7978846f,
    }.Aggregate(model, (m, number) => m.Constant(number.Key, Tensor.Scalar(number.Value)));
}
