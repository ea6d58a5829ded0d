using Caliper.Observers;

namespace Caliper.Conformance.Observers;

public class PyTorchObserverTests(ITestOutputHelper output)
{
    [Fact]
    public void Explore()
    {
        int total = 0, good = 0;
        foreach (var c in ObserverFixture.Load().Cases())
        {
            if (c.Observer == "HistogramObserver" && c.Stream == "huge") continue;
            var o = c.Create();
            var text = "";
            for (var b = 0; b < c.Batches.Length; b++)
            {
                o.Observe(c.Batches[b]);
                var q = o.CalculateQParams();
                var z = q.HasFloatZeroPoints ? q.FloatZeroPoints.ToArray() : q.ZeroPoints.Select(x => (float)x).ToArray();
                for (var i = 0; i < c.AfterEachBatch[b].Scales.Length; i++)
                    if (q.Scales[i] != c.AfterEachBatch[b].Scales[i] || z[i] != c.AfterEachBatch[b].ZeroPoints[i])
                        text += $" [{b},{i}]: {q.Scales[i]:R} vs {c.AfterEachBatch[b].Scales[i]:R} zp {z[i]} vs {c.AfterEachBatch[b].ZeroPoints[i]};";
            }
            if (!o.Mins.SequenceEqual(c.Mins) || !o.Maxs.SequenceEqual(c.Maxs)) text += $" range {o.Mins[0]} {o.Maxs[0]} vs {c.Mins[0]} {c.Maxs[0]}";
            if (o is HistogramObserver h && c.HistogramSum is {} hs) { double s = 0; foreach (var x in h.Counts) s += x; if (s != hs) text += $" sum {s} vs {hs}"; }
            total++;
            if (text == "") good++; else output.WriteLine($"{c}:{text}");
        }
        output.WriteLine($"{good} of {total}");
        Assert.Fail("x");
    }
}
