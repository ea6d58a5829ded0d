using Caliper.Graphs;
using Caliper.Graphs.Shapes;

namespace Caliper.Runtime.Tests.Engine;

/// <summary>Parameters that are too short or too long are refused at load, with a sentence that names them.</summary>
public class ParameterTests
{
    [Theory]
    [InlineData(4, false)]
    [InlineData(3, true)]
    [InlineData(5, true)]
    [InlineData(1, true)]
    public void A_batch_norm_has_a_number_for_each_channel(int count, bool isRefused)
    {
        for (var wrong = 1; wrong < 5; wrong++)
        {
            var model = new SmallModel().Input("x", 2, 4, 3, 3);
            for (var i = 1; i < 5; i++) model.Ones($"p{i}", i == wrong ? count : 4);
            Check(model.Node("BatchNormalization", "x p1 p2 p3 p4", "y").Build("y"), isRefused, $"'p{wrong}'");
            // Numbers along two axes are none of each channel.
            model = new SmallModel().Input("x", 2, 4, 3, 3);
            for (var i = 1; i < 5; i++) model.Ones($"p{i}", i == wrong ? [1, count] : [4]);
            Check(model.Node("BatchNormalization", "x p1 p2 p3 p4", "y").Build("y"), true, $"'p{wrong}'");
        }
    }

    [Theory]
    [InlineData(6, false)]
    [InlineData(5, true)]
    [InlineData(7, true)]
    public void A_layer_norm_has_a_number_for_each_element(int count, bool isRefused)
    {
        SmallModel Norm(int scales, int biases) =>
            new SmallModel(17).Input("x", 3, 6).Ones("s", scales).Ones("b", biases).Node("LayerNormalization", "x s b", "y");
        Check(Norm(count, 6).Build("y"), isRefused, "'s'");
        Check(Norm(6, count).Build("y"), isRefused, "'b'");
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(3, true)]
    [InlineData(1, true)]
    [InlineData(5, true)]
    public void A_convolution_has_a_bias_for_each_output(int count, bool isRefused) => Check(
        new SmallModel().Input("x", 1, 2, 5, 5).Ones("w", 4, 2, 3, 3).Ones("b", count).Node("Conv", "x w b", "y").Build("y"), isRefused, "'b'");

    [Theory]
    [InlineData(false, "3 4")]
    [InlineData(false, "1 4")]
    [InlineData(false, "3 1")]
    [InlineData(false, "4")]
    [InlineData(false, "1")]
    [InlineData(true, "3")]
    [InlineData(true, "4 3")]
    [InlineData(true, "2 4")]
    [InlineData(true, "1 1 4")]
    public void The_bias_of_a_gemm_can_be_repeated_to_its_result(bool isRefused, string shape) => Check(
        new SmallModel().Input("x", 3, 2).Ones("w", 2, 4)
            .Ones("c", [.. shape.Split(' ').Select(long.Parse)]).Node("Gemm", "x w c", "y").Build("y"), isRefused, "'c'");

    [Fact]
    public void Parameters_are_counted_where_the_data_has_no_known_shape()
    {
        // Fusion reads them whether or not anybody knows what they are for.
        SmallModel Unknown() => new SmallModel().Input("x", 2, 4, 3, 3).Node("Mystery", "x", "h");
        var norm = Unknown().Ones("a", 4).Ones("b", 4).Ones("c", 3).Ones("d", 4).Node("BatchNormalization", "h a b c d", "y").Build("y");
        Assert.Contains("'c'", Assert.Throws<CaliperException>(() => ShapeInference.Infer(norm)).Message);
        var convolution = Unknown().Ones("w", 5, 4, 1, 1).Ones("b", 4).Node("Conv", "h w b", "y").Build("y");
        Assert.Contains("'b'", Assert.Throws<CaliperException>(() => ShapeInference.Infer(convolution)).Message);
        var gemm = Unknown().Ones("w", 4, 5).Ones("c", 4).Node("Gemm", "h w c", "y").Build("y");
        Assert.Contains("'c'", Assert.Throws<CaliperException>(() => ShapeInference.Infer(gemm)).Message);
    }

    [Fact]
    public void An_error_is_one_line_whatever_the_names_are() =>
        Assert.Equal("The node 'a\\u000ab\\u001b' is wrong.", new CaliperException("The node 'a\nb\u001b' is wrong.").Message);

    private static void Check(Model model, bool isRefused, string name)
    {
        foreach (var guard in Enum.GetValues<MemoryGuard>())
        {
            var options = new Int8SessionOptions { Guard = guard };
            if (isRefused)
            {
                Assert.Contains(name, Assert.Throws<CaliperException>(() => Int8Session.FromModel(model, options)).Message);
                continue;
            }
            using var session = Int8Session.FromModel(model, options);
            session.Warmup(1);
        }
    }
}
