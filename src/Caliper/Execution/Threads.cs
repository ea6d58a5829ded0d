using System.Runtime.ExceptionServices;

namespace Caliper.Execution;

/// <summary>Work on several threads, whose errors are those that one thread would have given.</summary>
internal static class Threads
{
    /// <summary>How many threads an option asks for; 0 is one a processor.</summary>
    public static int CountFor(int asked) => asked > 0 ? asked : Environment.ProcessorCount;

    /// <summary>Does each piece of work once, in any order.</summary>
    public static void Each(int count, int threads, Action<int> work)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = CountFor(threads) }, work);
        }
        catch (AggregateException error)
        {
            // What went wrong in one piece is what the caller did wrong; that several noticed is of no use to it.
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }
}
