namespace Caliper.Tests.Flow;

/// <summary>Disposing of a model while it runs, and running one that was disposed of.</summary>
public class EndOfModelTests
{
    [Fact]
    public void A_model_that_was_disposed_of_says_so()
    {
        var (model, network) = Build();
        var fused = model.Fuse();
        var prepared = fused.Prepare(QConfig.Default);
        var batch = network.Batch(1);
        prepared.Run(batch);
        var quantized = prepared.Convert();
        foreach (var stage in new IModel[] { model, fused, prepared, quantized })
        {
            stage.Run(batch);
            ((IDisposable)stage).Dispose();
            ((IDisposable)stage).Dispose();
            Assert.Throws<ObjectDisposedException>(() => stage.Run(batch));
        }
    }

    [Fact]
    public async Task Disposing_of_a_model_waits_for_the_runs_under_way()
    {
        for (var round = 0; round < 20; round++)
        {
            var (model, network) = Build();
            var batch = network.Batch(4);
            var expected = model.Run(batch)["a.relu"].Span<float>().ToArray();
            using var begun = new CountdownEvent(2);
            var runners = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                begun.Signal();
                try
                {
                    while (true) Assert.Equal(expected, model.Run(batch)["a.relu"].Span<float>().ToArray());
                }
                catch (ObjectDisposedException)
                {
                    // What is asked of it after its end.
                }
            }, TestContext.Current.CancellationToken)).ToArray();
            begun.Wait(TestContext.Current.CancellationToken);
            model.Dispose();
            await Task.WhenAll(runners);
        }
    }

    private static (FloatModel Model, TestModel Network) Build()
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).Output("a.relu");
        return (network.Build(), network);
    }
}
