using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Caliper.Hosting.Tests;

public sealed class ServiceCollectionTests : IDisposable
{
    private readonly Models _models = new();

    [Fact]
    public async Task A_container_gives_one_service_with_its_logger_and_ends_it()
    {
        var log = new List<string>();
        Int8Service service;
        await using (var provider = new ServiceCollection()
            .AddLogging(l => l.AddProvider(new ListLogger(log)))
            .AddInt8Service(_models.Save("a.onnx"), new Int8ServiceOptions { Workers = 1 })
            .AddKeyedInt8Service("b", _models.Save("b.onnx", seed: 2))
            .BuildServiceProvider())
        {
            service = provider.GetRequiredService<Int8Service>();
            Assert.Same(service, provider.GetRequiredService<Int8Service>());
            Assert.NotSame(service, provider.GetRequiredKeyedService<Int8Service>("b"));
            service.Swap(Path.Combine(_models.Folder, "b.onnx"));
            Assert.Throws<CaliperException>(() => service.Swap("absent.onnx"));
            Assert.Equal(Models.Answer(Path.Combine(_models.Folder, "b.onnx"), Models.Sample(1)), await service.RunAsync(Models.Sample(1)));
        }
        Assert.Contains(log, l => l.Contains("b.onnx", StringComparison.Ordinal));
        Assert.Contains(log, l => l.Contains("not taken", StringComparison.Ordinal) && l.Contains("absent.onnx", StringComparison.Ordinal));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => service.RunAsync(Models.Sample(1)));
    }

    [Fact]
    public async Task Counters_tell_requests_by_outcome_durations_batches_and_swaps()
    {
        var counted = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        var path = _models.Save("a.onnx");
        // Of other services that run at the time nothing is to be counted.
        var meters = new OwnMeters();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == meters.Made) l.EnableMeasurementEvents(instrument);
        };
        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (counted)
            {
                var key = tags.IsEmpty ? instrument.Name : $"{instrument.Name} {tags[0].Value}";
                counted[key] = counted.GetValueOrDefault(key) + value;
            }
        }
        listener.SetMeasurementEventCallback<long>((i, v, tags, _) => Add(i, v, tags));
        listener.SetMeasurementEventCallback<int>((i, v, tags, _) => Add(i, v, tags));
        listener.SetMeasurementEventCallback<double>((i, _, tags, _) => Add(i, 1, tags));
        listener.Start();

        await using (var service = Int8Service.Load(path, new Int8ServiceOptions { Workers = 1, MaxBatch = 4 }, meters: meters))
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => service.RunAsync(Models.Sample(i))));
            service.Swap(path);
            listener.RecordObservableInstruments();
        }
        Assert.Equal(20, counted["caliper.requests ok"]);
        Assert.Equal(20, counted["caliper.request.duration"]);
        Assert.Equal(20, counted["caliper.batch.size"]);
        Assert.Equal(1, counted["caliper.swaps"]);
        Assert.Equal(0, counted["caliper.queue.length"]);
    }

    public void Dispose() => _models.Dispose();

    private sealed class OwnMeters : IMeterFactory
    {
        public Meter? Made { get; private set; }

        public Meter Create(MeterOptions options) => Made = new Meter(options.Name);

        public void Dispose() => Made?.Dispose();
    }

    private sealed class ListLogger(List<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (log) log.Add(formatter(state, exception));
        }

        public void Dispose() { }
    }
}
