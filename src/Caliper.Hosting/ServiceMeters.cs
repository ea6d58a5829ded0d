using System.Diagnostics.Metrics;

namespace Caliper.Hosting;

/// <summary>What a service counts, as instruments of the meter <c>Caliper.Hosting</c>.</summary>
internal sealed class ServiceMeters : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _swaps;
    private readonly Histogram<double> _seconds;
    private readonly Histogram<int> _batch;

    public ServiceMeters(IMeterFactory? factory, Func<int> waiting)
    {
        _meter = factory?.Create(Int8Service.MeterName) ?? new Meter(Int8Service.MeterName);
        _requests = _meter.CreateCounter<long>("caliper.requests", "{request}", "Requests, by outcome: ok, failed, cancelled or refused");
        _swaps = _meter.CreateCounter<long>("caliper.swaps", "{model}", "Models that replaced another");
        _seconds = _meter.CreateHistogram<double>("caliper.request.duration", "s", "From the request to its answer");
        _batch = _meter.CreateHistogram<int>("caliper.batch.size", "{request}", "Requests that were run together");
        _meter.CreateObservableGauge("caliper.queue.length", waiting, "{request}", "Requests that wait");
    }

    public void Request(string outcome) => _requests.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Answered(TimeSpan after)
    {
        Request("ok");
        _seconds.Record(after.TotalSeconds);
    }

    public void Batch(int requests) => _batch.Record(requests);

    public void Swap() => _swaps.Add(1);

    public void Dispose() => _meter.Dispose();
}
