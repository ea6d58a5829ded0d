using Caliper.Evaluation;
using Caliper.Hosting;

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

    [Fact]
    public async Task A_service_answers_and_swaps()
    {
        Save();
        #region
        await using var service = Int8Service.Load("glyphs.int8.onnx", new Int8ServiceOptions { Workers = 2, QueueCapacity = 64 });
        var scores = await service.RunAsync(new float[3 * 32 * 32]);
        service.Swap("glyphs.int8.onnx");
        #endregion
        Assert.Equal(scores, await service.RunAsync(new float[3 * 32 * 32]));
    }

    private void Save()
    {
        using var prepared = glyphs.Fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, criterion: null, glyphs.Images, evalBatches: 4);
        using var quantized = prepared.Convert();
        quantized.Save("glyphs.int8.onnx");
    }
}
