using Caliper.Calibration;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Imaging;
using Caliper.Testing;

namespace Caliper.Conformance.Flow;

/// <summary>Statistics of a real network on real images.</summary>
public sealed class CalibrationTests
{
    private const int Images = 210;

    [Fact]
    public void ResNet20_gives_the_same_bytes_however_the_data_is_cut_and_in_whatever_order()
    {
        var folder = Path.GetTempFileName();
        try
        {
            var whole = Bytes([.. Load(30)], 2, folder);
            Assert.Equal(whole, Bytes([.. Load(1)], 1, folder));
            Assert.Equal(whole, Bytes([.. Load(7).Reverse()], 2, folder));
            foreach (var shards in (int[])[2, 5])
            {
                var parts = Enumerable.Range(1, shards).Select(s => Observe([.. Load(32, s, shards)], 2)).ToArray();
                Assert.Equal(whole, Saved(CalibrationStatistics.Merge(parts), folder));
            }
        }
        finally
        {
            File.Delete(folder);
        }
    }

    private static IEnumerable<Batch> Load(int batchSize, int shard = 1, int shards = 1) =>
        ImageFolder.Open(SharedFolder.Path("data", "cifar10", "calibration"), Preprocessing.Preset("cifar10"), batchSize,
            new SampleSelection { Limit = Images, Shard = shard, ShardCount = shards, Spread = batchSize == 7 });

    private static byte[] Bytes(Batch[] batches, int threads, string path) => Saved(Observe(batches, threads), path);

    private static byte[] Saved(CalibrationStatistics statistics, string path)
    {
        statistics.Save(path);
        return File.ReadAllBytes(path);
    }

    private static CalibrationStatistics Observe(Batch[] batches, int threads)
    {
        using var model = FloatModel.Load(SharedFolder.Path("models", "resnet20.onnx"), new ExecutionOptions { Threads = threads });
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(batches);
        return calibrator.Statistics;
    }
}
