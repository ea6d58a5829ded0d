using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Tests.Evaluation;

public class UnpaddingTests
{
    private const long Pad = 9;

    [Fact]
    public void Samples_of_one_length_stay_together_without_what_the_mask_leaves_out()
    {
        using var model = Encoder();
        var parts = Unpadding.Of(model.Inputs)!.Of(Padded(2, 4, 2, 3)).ToArray();
        Assert.Equal([2, 4, 3], parts.Select(p => (int)p.Inputs["ids"].Shape[1].Length));
        Assert.Equal([2, 1, 1], parts.Select(p => p.Count));
        Assert.Equal(["0", "2"], parts[0].SampleNames);
        Assert.Equal([1L, 2, 1, 2], parts[0].Inputs["ids"].Span<long>().ToArray());
        Assert.Equal([1L, 2, 3, 4], parts[1].Inputs["ids"].Span<long>().ToArray());
        Assert.All(parts, p => Assert.All(p.Inputs["attention_mask"].Span<long>().ToArray(), m => Assert.Equal(1, m)));
        Assert.All(parts, p => Assert.DoesNotContain(Pad, p.Inputs["ids"].Span<long>().ToArray()));
    }

    [Fact]
    public void Inner_axes_behind_the_length_stay_whole()
    {
        var x = new Value("x", ElementType.Float32, new Shape([Free("b"), Dimension.Of(2), Free("n"), Dimension.Of(3)]));
        var inputs = new[] { Named("mask", "n"), x };
        var values = Enumerable.Range(0, 2 * 2 * 4 * 3).Select(i => (float)i).ToArray();
        var batch = new Batch(new Dictionary<string, Tensor>
        {
            ["mask"] = Tensor.Of(Shape.Of(2, 4), new long[] { 1, 1, 1, 0, 1, 0, 0, 0 }),
            ["x"] = Tensor.Of(Shape.Of(2, 2, 4, 3), values),
        }, null, ["0", "1"]);
        var parts = Unpadding.Of(inputs)!.Of(batch).ToArray();
        Assert.Equal(Enumerable.Range(0, 9).Concat(Enumerable.Range(12, 9)).Select(i => (float)i), parts[0].Inputs["x"].Span<float>().ToArray());
        Assert.Equal([24f, 25, 26, 36, 37, 38], parts[1].Inputs["x"].Span<float>().ToArray());
        Assert.Equal(Shape.Of(1, 2, 1, 3), parts[1].Inputs["x"].Shape);
    }

    [Fact]
    public void Nothing_is_cut_without_a_mask_or_where_the_network_takes_one_length_alone()
    {
        Assert.Null(Unpadding.Of([Named("ids", "n")]));
        Assert.Null(Unpadding.Of([new Value("mask", ElementType.Int64, new Shape([Free("b"), Dimension.Of(4)]))]));
        using var model = Encoder();
        var full = Padded(4, 4);
        Assert.Same(full, Assert.Single(Unpadding.Of(model.Inputs)!.Of(full)));
        // A sample of padding alone, and a hole that is no end, are none of this class's business.
        var hole = Padded(4, 0);
        Assert.Same(hole, Assert.Single(Unpadding.Of(model.Inputs)!.Of(hole)));
    }

    [Fact]
    public void Padding_enters_no_statistic_and_no_error()
    {
        using var model = Encoder();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, [Padded(2, 3, 1)]);
        var range = prepared.Observers.Single(o => o.Site.Observed.Contains("rows")).Observer.CalculateQParams();
        // The row of the padding is a hundred times as great as any other.
        Assert.InRange(range.Scale * 255, 0.1f, 5);

        using var calibrator = new Calibrator(fused);
        calibrator.Observe([Padded(2, 3, 1)]);
        Assert.Equal(range, prepared.Observers.Single(o => o.Site.Observed.Contains("rows")).Observer.CalculateQParams());
        Assert.InRange(calibrator.Statistics.Tensors["rows"].All.Max, 0, 3);

        using var quantized = prepared.Convert();
        Assert.True(ModelComparison.Compare(model, quantized, null, [Padded(2, 3, 1)]).Sqnr[0].Decibels > 25);
    }

    /// <summary>Rows of a table times weights; the last row is that of the padding.</summary>
    private static FloatModel Encoder()
    {
        var table = Enumerable.Range(0, 10 * 8).Select(i => (i < 9 * 8 ? 1 : 100) * MathF.Sin(i)).ToArray();
        return new TestModel().Input(ElementType.Int64, "ids", -1, -2).Input(ElementType.Int64, "attention_mask", -1, -2)
            .Constant("table", Tensor.Of(Shape.Of(10, 8), table)).Weights("w", 0.3f, 8, 4)
            .Node("Gather", "table ids", "rows").Node("MatMul", "rows w", "y").Output("y").Build();
    }

    private static Batch Padded(params int[] lengths)
    {
        const int longest = 4;
        return new Batch(new Dictionary<string, Tensor>
        {
            ["ids"] = Of((i, t) => t < lengths[i] ? t + 1 : Pad),
            ["attention_mask"] = Of((i, t) => t < lengths[i] ? 1 : 0),
        }, null, [.. Enumerable.Range(0, lengths.Length).Select(i => $"{i}")]);

        Tensor Of(Func<int, int, long> element) => Tensor.Of(Shape.Of(lengths.Length, longest),
            Enumerable.Range(0, lengths.Length * longest).Select(i => element(i / longest, i % longest)).ToArray());
    }

    private static Value Named(string name, string length) => new(name, ElementType.Int64, new Shape([Free("b"), Free(length)]));

    private static Dimension Free(string symbol) => Dimension.Named(symbol);
}
