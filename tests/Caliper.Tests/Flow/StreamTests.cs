using Caliper.Calibration;
using Caliper.Data;

namespace Caliper.Tests.Flow;

/// <summary>What files can do, streams and bytes can.</summary>
public sealed class StreamTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Models_are_the_same_in_files_streams_and_bytes()
    {
        var (model, quantized, _, _) = Flow();
        model.Save(_path);
        Same(File.ReadAllBytes(_path), model.ToBytes(), Written(model.Save), FloatModel.Load(Stream(model.ToBytes())).ToBytes(),
            FloatModel.Load(model.ToBytes()).ToBytes());
        quantized.Save(_path);
        Same(File.ReadAllBytes(_path), quantized.ToBytes(), Written(quantized.Save), QuantizedModel.Load(Stream(quantized.ToBytes())).ToBytes(),
            QuantizedModel.Load(quantized.ToBytes()).ToBytes());
        using var fromStream = Int8Session.Load(Stream(quantized.ToBytes()));
        using var fromBytes = Int8Session.Load(quantized.ToBytes());
        Assert.Equal(fromStream.Inputs, fromBytes.Inputs);
    }

    [Fact]
    public void Statistics_and_traces_are_too()
    {
        var (_, _, statistics, trace) = Flow();
        statistics.Save(_path);
        Same(File.ReadAllBytes(_path), statistics.ToBytes(), Written(statistics.Save),
            CalibrationStatistics.Load(Stream(statistics.ToBytes())).ToBytes(),
            CalibrationStatistics.Load(statistics.ToBytes()).ToBytes());
        trace.Save(_path);
        Same(File.ReadAllBytes(_path), trace.ToBytes(), Written(trace.Save), CalibrationTrace.Load(Stream(trace.ToBytes())).ToBytes(),
            CalibrationTrace.Load(trace.ToBytes()).ToBytes());
    }

    [Fact]
    public void Samples_of_ones_own_have_different_names_in_the_ledger()
    {
        var (_, _, statistics, _) = Flow();
        Assert.Equal(["#0", "#1", "#2", "#3"], statistics.Samples.Select(s => s.Name).Order(StringComparer.Ordinal));
    }

    private static (FloatModel Model, QuantizedModel Quantized, CalibrationStatistics Statistics, CalibrationTrace Trace) Flow()
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).Output("a.relu");
        var model = network.Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        Batch[] data = [Batch.Of(network.Batch(2)[""]), Batch.Of(network.Batch(2)[""])];
        foreach (var batch in data) prepared.Run(batch.Inputs);
        using var calibrator = new Calibrator(fused);
        var trace = new CalibrationTrace();
        foreach (var batch in data) trace.Add(calibrator.Statistics.Samples.Count, calibrator.Observe(batch));
        return (model, prepared.Convert(), calibrator.Statistics, trace);
    }

    private static MemoryStream Stream(byte[] bytes) => new(bytes);

    private static byte[] Written(Action<Stream> save)
    {
        using var stream = new MemoryStream();
        save(stream);
        return stream.ToArray();
    }

    private static void Same(byte[] expected, params byte[][] others) => Assert.All(others, other => Assert.Equal(expected, other));
}
