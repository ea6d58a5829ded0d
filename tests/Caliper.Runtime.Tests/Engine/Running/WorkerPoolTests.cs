using Caliper.Engine.Operations;
using Caliper.Engine.Planning;
using Caliper.Engine.Running;
using Caliper.Engine.Steps;
using Caliper.Kernels;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine.Running;

public sealed class WorkerPoolTests
{
    [Fact]
    public void Every_piece_of_every_step_is_done_once_and_steps_come_one_after_the_other() =>
        Gen.Select(Gen.Int[1, 6], Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Bool).Array[1, 12], Gen.Int[1, 5]).Sample(
            (threads, sizes, runs) =>
            {
                var steps = sizes.Select(s => new CountingStep(s.Item1, s.Item2, isWorthSharing: s.Item3)).ToArray();
                for (var i = 1; i < steps.Length; i++) steps[i].Before = steps[i - 1];
                using var context = new EmptyContext(threads);
                using var pool = new WorkerPool(threads);
                for (var run = 1; run <= runs; run++)
                {
                    pool.Run(context.JobOf(steps));
                    Assert.All(steps, step => Assert.All(step.Done, times => Assert.Equal(run, times)));
                    Assert.DoesNotContain(steps, step => step.CameTooEarly);
                }
            }, iter: 200);

    [Fact]
    public void A_thread_works_in_its_own_memory_and_a_step_too_small_to_share_is_one_piece()
    {
        using var context = new EmptyContext(4);
        using var pool = new WorkerPool(4);
        var (small, large) = (new CountingStep(40, 1, isWorthSharing: false), new CountingStep(40, 1, isWorthSharing: true));
        pool.Run(context.JobOf([small, large]));
        Assert.Equal((1, 4), (small.Calls, large.Calls));
    }

    [Fact]
    public void An_error_in_any_share_reaches_the_caller_and_the_pool_works_on() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 7]).Sample((threads, bad) =>
        {
            using var context = new EmptyContext(threads);
            using var pool = new WorkerPool(threads);
            var (failing, never) = (new CountingStep(8, 1, isWorthSharing: true) { FailingUnit = bad }, new CountingStep(8, 1, isWorthSharing: true));
            var error = Assert.Throws<CaliperException>(() => pool.Run(context.JobOf([failing, never])));
            Assert.IsType<TimeoutException>(error.InnerException);
            Assert.Equal(0, never.Calls);

            var good = new CountingStep(8, 8, isWorthSharing: true);
            pool.Run(context.JobOf([good]));
            Assert.All(good.Done, times => Assert.Equal(1, times));
        }, iter: 50);

    [Fact]
    public void A_step_may_run_another_pool()
    {
        using var innerContext = new EmptyContext(2);
        using var innerPool = new WorkerPool(2);
        var inner = new CountingStep(8, 8, isWorthSharing: true);
        using var context = new EmptyContext(3);
        using var pool = new WorkerPool(3);
        // One piece, so that only one caller is in the inner pool at a time.
        var outer = new CountingStep(5, 1, isWorthSharing: false) { Each = () => innerPool.Run(innerContext.JobOf([inner])) };
        pool.Run(context.JobOf([outer]));
        Assert.All(inner.Done, times => Assert.Equal(5, times));
    }

    [Fact]
    public void Threads_that_fell_asleep_wake_for_the_next_run()
    {
        using var context = new EmptyContext(3);
        using var pool = new WorkerPool(3);
        var step = new CountingStep(30, 3, isWorthSharing: true);
        for (var run = 1; run <= 5; run++)
        {
            pool.Run(context.JobOf([step]));
            Assert.All(step.Done, times => Assert.Equal(run, times));
            Thread.Sleep(30);
        }
    }

    [Fact]
    public void Its_threads_end_when_it_is_disposed_of_asleep_or_awake() => Gen.Select(Gen.Int[1, 6], Gen.Int[0, 40]).Sample((threads, pause) =>
    {
        var step = new CountingStep(30, 3, isWorthSharing: true);
        using var context = new EmptyContext(threads);
        var ended = Task.Run(() =>
        {
            // Dispose waits for each of them.
            using var pool = new WorkerPool(threads);
            if (pause % 2 == 0) pool.Run(context.JobOf([step]));
            Thread.Sleep(pause);
        }, TestContext.Current.CancellationToken);
        Assert.True(ended.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }, iter: 30);

    /// <summary>The memory of a plan without steps.</summary>
    private sealed class EmptyContext(int threads) : IDisposable
    {
        private static readonly EnginePlan Plan = EnginePlan.Of(new EngineGraph([], [], []), KernelSet.Auto, new KernelResources());
        private readonly RunContext _context = new(Plan, threads);

        public WorkerPool.Job JobOf(Step[] steps) => new() { Steps = steps, Context = _context };

        public void Dispose() => _context.Dispose();
    }
}
