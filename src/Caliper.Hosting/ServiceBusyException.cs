namespace Caliper.Hosting;

/// <summary>As many requests wait as may: the caller should tell its own caller to come again, as HTTP does with 503.</summary>
public sealed class ServiceBusyException(int capacity)
    : Exception(FormattableString.Invariant($"{capacity} requests wait already, and no more may."))
{
}
