using Caliper.Evaluation;

namespace Caliper.Conformance.Docs;

/// <summary>docs/deploying.md.</summary>
[Collection(WorkingDirectory.Name)]
public sealed class DeployingPageTests(GlyphsFolder glyphs) : PageTests("docs/deploying.md")
{
    [Fact]
    public void A_session_runs_on_spans()
    {
        Save();
        #region
        using var session = Int8Session.Load("glyphs.int8.onnx", new Int8SessionOptions { Threads = 1 });
        session.Warmup();
        var (input, scores) = (new float[3 * 32 * 32], new float[36]);
        session.Run(input, scores);
        #endregion
        Assert.Contains(scores, s => s != 0);
    }

    #region
    internal sealed class HotSwap(Int8Session first) : IDisposable
    {
        private Int8Session _current = first;

        public void Run(ReadOnlySpan<float> input, Span<float> scores)
        {
            for (var session = Volatile.Read(ref _current); ; session = Volatile.Read(ref _current))
            {
                try
                {
                    session.Run(input, scores);
                    return;
                }
                catch (ObjectDisposedException) when (session != Volatile.Read(ref _current))
                {
                    // Replaced between the look and the run: the next one answers.
                }
            }
        }

        public void Replace(Int8Session next) => Interlocked.Exchange(ref _current, next).Dispose();

        public void Dispose() => _current.Dispose();
    }
    #endregion

    [Fact]
    public async Task A_swap_under_load_fails_no_request()
    {
        Save();
        var options = new Int8SessionOptions { Threads = 1 };
        using var swap = new HotSwap(Int8Session.Load("glyphs.int8.onnx", options));
        var expected = Scores();
        var isOver = false;
        var callers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver)) Assert.Equal(expected, Scores());
        }, TestContext.Current.CancellationToken)).ToArray();
        for (var i = 0; i < 20; i++) swap.Replace(Int8Session.Load("glyphs.int8.onnx", options));
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(callers);

        float[] Scores()
        {
            var scores = new float[36];
            swap.Run(new float[3 * 32 * 32], scores);
            return scores;
        }
    }

    private void Save()
    {
        using var prepared = glyphs.Fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, criterion: null, glyphs.Images, evalBatches: 4);
        using var quantized = prepared.Convert();
        quantized.Save("glyphs.int8.onnx");
    }
}
