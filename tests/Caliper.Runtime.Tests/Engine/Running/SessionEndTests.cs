using System.Diagnostics;
using System.Runtime.CompilerServices;
using Caliper.Engine.Running;
using Caliper.Graphs;

namespace Caliper.Runtime.Tests.Engine.Running;

public sealed class SessionEndTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_session_that_is_forgotten_ends_its_threads()
    {
        var pool = Forget();
        Assert.False(pool.HasEnded);
        var started = Stopwatch.GetTimestamp();
        while (!pool.HasEnded)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "the threads of a session that nobody can reach live on");
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(10);
        }
    }

    [Fact]
    public void A_disposed_session_has_no_threads()
    {
        using var session = Int8Session.FromModel(Small(), new Int8SessionOptions { Threads = 3 });
        var pool = session.Pool!;
        session.Warmup();
        session.Dispose();
        Assert.True(pool.HasEnded);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Disposing_waits_for_the_runs_under_way(int threads)
    {
        for (var round = 0; round < 50; round++)
        {
            var session = Int8Session.FromModel(Small(), new Int8SessionOptions { Threads = threads });
            using var begun = new CountdownEvent(3);
            var runners = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                var (input, output) = (Enumerable.Repeat(1f, 8).ToArray(), new float[4]);
                begun.Signal();
                try
                {
                    while (true)
                    {
                        session.Run(input, output);
                        Assert.All(output, y => Assert.Equal(9, y));
                    }
                }
                catch (ObjectDisposedException)
                {
                    // What is asked of it after its end.
                }
            }, TestContext.Current.CancellationToken)).ToArray();
            begun.Wait(TestContext.Current.CancellationToken);
            session.Dispose();
            await Task.WhenAll(runners);
        }
    }

    private static Model Small() =>
        new SmallModel().Input("x", 1, 8).Ones("w", 8, 4).Ones("c", 4).Node("Gemm", "x w c", "y").Build("y");

    // In a method of its own, so that no variable holds on to the session.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WorkerPool Forget()
    {
        var session = Int8Session.FromModel(Small(), new Int8SessionOptions { Threads = 3 });
        session.Warmup();
        return session.Pool!;
    }
}
