using System.Collections.Concurrent;
using Caliper.Execution;

namespace Caliper.Tests;

public sealed class ThreadsTests
{
    [Theory]
    [InlineData(50, 1)]
    [InlineData(1, 4)]
    public void Work_for_one_thread_stays_on_the_callers(int count, int threads)
    {
        var seen = new ConcurrentBag<int>();
        Threads.Each(count, threads, _ => seen.Add(Environment.CurrentManagedThreadId));
        Assert.Equal(count, seen.Count);
        Assert.All(seen, id => Assert.Equal(Environment.CurrentManagedThreadId, id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_error_is_the_works_own(int threads) => Assert.Throws<CaliperException>(() =>
        Threads.Each(4, threads, i => throw new CaliperException($"{i}")));
}
