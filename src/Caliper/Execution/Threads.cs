using System.Runtime.ExceptionServices;

namespace Caliper.Execution;

/// <summary>Work on several threads, whose errors are those that one thread would have given.</summary>
internal static class Threads
{
    /// <summary>How many threads are meant. 0, for one per processor, is not left to the runtime, which adds threads while those there are
    /// compute in native code.</summary>
    public static int Number(int threads) => threads > 0 ? threads : Environment.ProcessorCount;

    /// <summary>Does each piece of work once, in any order, on so many threads; 0 for one per processor.</summary>
    public static void Each(int count, int threads, Action<int> work)
    {
        if (count == 1 || Number(threads) == 1)
        {
            // On the caller's own thread: each thread that ever allocated keeps native memory of its own.
            for (var i = 0; i < count; i++) work(i);
            return;
        }
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Number(threads) }, work);
        }
        catch (AggregateException error)
        {
            // What went wrong in one piece is what the caller did wrong; that several noticed is of no use to it.
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }
}
