using System.Text.Json;
using Caliper.Graphs;
using Caliper.Observers;
using Caliper.Testing;

namespace Caliper.Conformance.Observers;

/// <summary>PyTorch 2.6's observers on streams of batches, and what they proposed after every batch.</summary>
internal sealed class ObserverFixture
{
    private readonly JsonElement _root;

    private ObserverFixture(JsonElement root) => _root = root;

    public static ObserverFixture Load() =>
        new(JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Path("fixtures", "observers.json"))).RootElement);

    public IEnumerable<ObserverCase> Cases() => _root.GetProperty("cases").EnumerateArray().Select(entry => new ObserverCase(
        entry.GetProperty("stream").GetString()!,
        entry.GetProperty("observer").GetString()!,
        entry.GetProperty("args"),
        [.. _root.GetProperty("streams").GetProperty(entry.GetProperty("stream").GetString()!).EnumerateArray().Select(Batch)],
        [.. entry.GetProperty("after_each_batch").EnumerateArray().Select(
            after => new ObserverProposal(Floats(after, "scale"), Floats(after, "zero_point")))],
        Floats(entry, "min_val"),
        Floats(entry, "max_val"),
        entry.TryGetProperty("histogram_sum", out var sum) ? sum.GetDouble() : null));

    private static Tensor Batch(JsonElement batch) => Tensor.Of(
        Shape.Of([.. batch.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())]), Floats(batch, "data"));

    private static float[] Floats(JsonElement parent, string name) =>
        [.. parent.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];
}

/// <summary>One stream through one observer.</summary>
internal sealed record ObserverCase(
    string Stream, string Observer, JsonElement Arguments, Tensor[] Batches, ObserverProposal[] AfterEachBatch,
    float[] Mins, float[] Maxs, double? HistogramSum)
{
    public Observer Create() =>
        ObserverSpec.FromJson($$"""{"observer":"{{Observer}}",{{Arguments.GetRawText()[1..]}}""").Create();

    public override string ToString() => $"{Stream} × {Observer} {Arguments.GetRawText()}";
}

/// <summary>What an observer proposed.</summary>
internal sealed record ObserverProposal(float[] Scales, float[] ZeroPoints);
