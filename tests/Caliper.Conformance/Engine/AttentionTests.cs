using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>Attention that stays float is one step, whose numbers are those of its operators one by one.</summary>
public class AttentionTests
{
    private const double Tolerance = 5e-5;

    [Theory]
    [InlineData(1, 2, 7, 7, 8, 8, 1)]
    [InlineData(2, 3, 33, 40, 32, 16, 3)]
    [InlineData(1, 1, 150, 300, 12, 33, 2)]
    [InlineData(1, 2, 1, 65, 5, 32, 1)]
    public void Scores_with_a_mask(int batch, int heads, int rows, int columns, int inner, int width, int masks) =>
        Check((batch, heads, rows, columns, inner, width), (b, scores) => b.Float("Add", [b.Float("Div", [scores, b.Constant(Tensor.Scalar(2.83f))]),
            masks switch { 1 => b.Floats(columns), 2 => b.Floats(rows, columns), _ => b.Floats(batch, 1, 1, columns) }]), (_, shares) => shares);

    [Fact]
    public void Scores_as_they_are() => Check((2, 2, 20, 31, 8, 8), (_, scores) => scores, (_, shares) => shares);

    [Fact]
    public void The_mask_first_and_functions_without_code() => Check((1, 3, 19, 70, 8, 8),
        (b, scores) => b.Float("Sub", [b.Floats(1, 3, 19, 70), b.Float("Sin", [scores])]), (b, shares) => b.Float("Sqrt", [shares]));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Shares_that_are_rounded_to_the_steps_of_integers(bool words) => Check((1, 2, 50, 64, 16, 16),
        (b, scores) => b.Float("Mul", [scores, b.Constant(Tensor.Scalar(0.3f))]), (b, shares) => Rounded(b, shares, 1, words), words ? 0 : 0.01);

    /// <summary>A factor for each row is no row of its own.</summary>
    [Fact]
    public void What_is_not_read_by_rows_stays_as_it_is()
    {
        var model = Build((1, 2, 9, 11, 8, 8), (b, scores) => b.Float("Mul", [scores, b.Floats(9, 1)]), (_, shares) => shares, isApart: false);
        using var session = Int8Session.FromModel(model);
        Assert.DoesNotContain(session.Describe().Steps, s => s.Kind == "attention (float)");
        Comparison.AssertSameEverywhere(model);
    }

    private static void Check((int Batch, int Heads, int Rows, int Columns, int Inner, int Width) size, Func<QdqBuilder, string, string> before,
        Func<QdqBuilder, string, string> after, double step = 0)
    {
        var (joined, apart) = (Build(size, before, after, isApart: false), Build(size, before, after, isApart: true));
        var feeds = Comparison.Feeds(joined, 3);
        using (var session = Int8Session.FromModel(joined)) Assert.Contains(session.Describe().Steps, s => s.Kind == "attention (float)");
        using (var session = Int8Session.FromModel(apart)) Assert.DoesNotContain(session.Describe().Steps, s => s.Kind == "attention (float)");
        var (actual, separate) = (Comparison.Run(joined, feeds), Comparison.Run(apart, feeds));
        var expected = Conformance.Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(joined), feeds);
        foreach (var (name, tensor) in actual)
        {
            Comparison.AssertSame(separate[name], tensor);
            foreach (var (e, a) in expected[name].Span<float>().ToArray().Zip(tensor.Span<float>().ToArray()))
                Assert.True(Math.Abs(e - a) <= Math.Max(step, Tolerance * Math.Max(1, Math.Abs(e))), $"{name}: {e} is not {a}");
        }
        Comparison.AssertSameEverywhere(joined, feeds);
    }

    /// <summary>The shares are an output, too, where the operators are wanted one by one.</summary>
    private static Model Build((int Batch, int Heads, int Rows, int Columns, int Inner, int Width) size,
        Func<QdqBuilder, string, string> before, Func<QdqBuilder, string, string> after, bool isApart)
    {
        var b = new QdqBuilder(31) { Opset = 21 };
        var queries = b.Float("Mul", [b.Real(b.Input(size.Batch, size.Heads, size.Rows, size.Inner)), b.Floats(size.Inner)]);
        var keys = b.Float("Add", [b.Real(b.Input(size.Batch, size.Columns, size.Heads, size.Inner)), b.Floats(size.Inner)]);
        var values = b.Real(b.Input(size.Batch, size.Heads, size.Columns, size.Width));
        var scores = before(b, b.Float("MatMul", [queries, b.Float("Transpose", [keys], n => n.With("perm", 0, 2, 3, 1))]));
        var softmax = b.Float("Softmax", [scores], n => n.With("axis", -1));
        var result = b.Float("MatMul", [after(b, softmax), Rounded(b, values, 3, words: true)]);
        return isApart ? b.Build(asFloats: false, result, softmax) : b.Build(asFloats: false, result);
    }

    private static string Rounded(QdqBuilder b, string real, float range, bool words)
    {
        b.Words = words;
        var rounded = b.Real(b.Quantized(real, range));
        b.Words = false;
        return rounded;
    }
}
