namespace Caliper.Conformance.Engine;

/// <summary>Threads of a session, more of them than processors: some come late, some are held up in the middle of a share.</summary>
public class WorkerTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void However_late_a_thread_comes_every_run_has_the_same_bits(int threads)
    {
        // Large enough that steps are shared, and many steps for a late thread to mistake one for another.
        var b = new QdqBuilder(5);
        var x = b.Input(1, 8, 24, 24);
        var value = b.Conv(x, 8, 32, 3, 1, 1);
        for (var layer = 0; layer < 6; layer++) value = b.Conv(value, 32, 32, 3, 1, 1);
        var model = b.Build(asFloats: true, value);
        using var alone = Int8Session.FromModel(model);
        using var together = Int8Session.FromModel(model, new Int8SessionOptions { Threads = threads });
        Assert.Contains(together.Describe().Steps, s => s.MultiplyAdds > 1_000_000);
        var random = new Random(1);
        var input = new float[8 * 24 * 24];
        var (expected, actual) = (new float[32 * 24 * 24], new float[32 * 24 * 24]);
        for (var run = 0; run < 300; run++)
        {
            for (var i = 0; i < input.Length; i++) input[i] = random.NextSingle() * 8 - 4;
            alone.Run(input, expected);
            together.Run(input, actual);
            Assert.Equal(expected, actual);
            // Sometimes the threads have gone to sleep.
            if (run % 100 == 99) Thread.Sleep(20);
        }
    }
}
