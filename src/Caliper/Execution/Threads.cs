using System.Runtime.ExceptionServices;

namespace Caliper.Execution;

/// <summary>Work on several threads, whose errors are those that one thread would have given.</summary>
internal static class Threads
{
    /// <summary>Does each piece of work once, in any order, on so many threads; 0 leaves their number to the runtime.</summary>
    public static void Each(int count, int threads, Action<int> work)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : -1 }, work);
        }
        catch (AggregateException error)
        {
            // What went wrong in one piece is what the caller did wrong; that several noticed is of no use to it.
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }
}
