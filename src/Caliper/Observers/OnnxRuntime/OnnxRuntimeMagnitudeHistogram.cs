namespace Caliper.Observers.OnnxRuntime;

/// <summary>Bins of magnitudes between the least and the greatest of the first batch; a greater one adds bins above, a lesser
/// one is dropped. ONNX Runtime's <c>collect_absolute_value</c>.</summary>
internal sealed class OnnxRuntimeMagnitudeHistogram(int bins, int mostBins) : OnnxRuntimeHistogram(bins, mostBins)
{
    private float[] _magnitudes = [];

    public override void Add(ReadOnlySpan<float> values, float min, float max)
    {
        if (_magnitudes.Length < values.Length) _magnitudes = new float[values.Length];
        var magnitudes = _magnitudes.AsSpan(0, values.Length);
        System.Numerics.Tensors.TensorPrimitives.Abs(values, magnitudes);
        var greatest = MathF.Max(MathF.Abs(min), MathF.Abs(max));
        if (Counts.Length == 0) Begin(System.Numerics.Tensors.TensorPrimitives.Min<float>(magnitudes), greatest);
        else if (greatest > Edges[^1]) Widen(greatest);
        Count(magnitudes, Edges, Counts);
    }

    private void Begin(float least, float greatest)
    {
        if (least == greatest) (least, greatest) = (least - 0.5f, greatest + 0.5f);
        (Counts, Edges) = (new long[FirstBins], Linspace(least, greatest, FirstBins));
    }

    private void Widen(float greatest)
    {
        var width = Edges[1] - Edges[0];
        // NumPy's arange, whose values are multiples of the difference of its first two.
        float start = Edges[^1] + width, stop = greatest + width;
        var length = MathF.Ceiling((stop - start) / width);
        if (!(Counts.Length + length <= MostBins))
        {
            Coarsen(Edges[0], greatest);
            return;
        }
        var (old, edges, delta) = (Counts.Length, Edges, start + width - start);
        Array.Resize(ref edges, edges.Length + (int)length);
        for (var i = 0; i < (int)length; i++) edges[old + 1 + i] = start + i * delta;
        var counts = Counts;
        Array.Resize(ref counts, edges.Length - 1);
        (Edges, Counts) = (edges, counts);
    }
}
