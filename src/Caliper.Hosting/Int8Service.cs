using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Caliper.Graphs;
using Caliper.Onnx;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Caliper.Hosting;

/// <summary>
/// Answers requests by an int8 network, from any thread: a bounded queue, several runs at a time, batches of what waits, and a new model without a
/// pause. A request is one sample. Answers have the bits that <see cref="Int8Session"/> gives to each request alone.
/// </summary>
public sealed partial class Int8Service : IAsyncDisposable, IDisposable
{
    /// <summary>The meter of its counters: requests by outcome, their duration, sizes of batches, length of the queue, swaps.</summary>
    public const string MeterName = "Caliper.Hosting";

    private readonly Int8ServiceOptions _options;
    private readonly ILogger _logger;
    private readonly ServiceMeters _meters;
    private readonly Channel<Int8Request> _queue;
    private readonly Task[] _workers;
    private readonly Lock _swapping = new();
    private LoadedModel _current;
    private int _isEnding;

    private Int8Service(Model model, Int8ServiceOptions options, ILogger? logger, IMeterFactory? meters)
    {
        options.Check();
        (_options, _logger, _current) = (options, logger ?? NullLogger.Instance, new LoadedModel(model, options));
        _queue = Channel.CreateBounded<Int8Request>(options.QueueCapacity);
        _meters = new ServiceMeters(meters, () => _queue.Reader.Count);
        var workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
        _workers = [.. Enumerable.Range(0, workers).Select(_ => Task.Run(WorkAsync))];
        LogStart(workers, _current.MaxBatch);
    }

    /// <summary>What one request is; shapes are those of one sample.</summary>
    public ImmutableArray<Value> Inputs => Volatile.Read(ref _current).Inputs;

    /// <summary>What one answer is; axes whose length depends on the numbers fed are free.</summary>
    public ImmutableArray<Value> Outputs => Volatile.Read(ref _current).Outputs;

    /// <summary>The most requests that are run together: 1 where the network cannot give several samples the bits that each has alone.</summary>
    public int MaxBatch => Volatile.Read(ref _current).MaxBatch;

    /// <summary>Reads an int8 ONNX file, plans and warms it, and begins to answer.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it answers; null for the defaults.</param>
    /// <param name="logger">Who is told of swaps and failures; null for nobody.</param>
    /// <param name="meters">Who makes its meter; null for a meter of its own.</param>
    /// <exception cref="CaliperException">The file cannot be read, or holds what the engine cannot run; the message names it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static Int8Service Load(string path, Int8ServiceOptions? options = null, ILogger? logger = null, IMeterFactory? meters = null) =>
        new(OnnxFile.Read(path), options ?? new Int8ServiceOptions(), logger, meters);

    /// <summary>Answers a request to a network of one float input and one float output.</summary>
    /// <param name="input">All elements of one sample, in ONNX order; they are copied before this returns.</param>
    /// <param name="cancellationToken">Gives the request up; what is being computed already is computed to its end, for nobody.</param>
    /// <exception cref="ArgumentException">The network has other inputs or outputs, or the input another length.</exception>
    /// <exception cref="ServiceBusyException">The queue is full.</exception>
    /// <exception cref="ObjectDisposedException">The service has ended.</exception>
    public async Task<float[]> RunAsync(ReadOnlyMemory<float> input, CancellationToken cancellationToken = default)
    {
        var model = Volatile.Read(ref _current);
        if (model.Inputs is not [{ Type: ElementType.Float32 } x] || model.Outputs is not [{ Type: ElementType.Float32 }])
            throw new ArgumentException("The network has not one float input and one float output; pass tensors by name.", nameof(input));
        if (input.Length != x.Shape!.Value.ElementCount)
            throw new ArgumentException($"The network takes {x.Shape.Value.ElementCount} elements, {x.Shape}, not {input.Length}.", nameof(input));
        var answer = await AnswerAsync([MemoryMarshal.AsBytes(input.Span).ToArray()], cancellationToken).ConfigureAwait(false);
        return answer[0].Span<float>().ToArray();
    }

    /// <summary>Answers a request to a network of any inputs and outputs.</summary>
    /// <param name="inputs">A tensor for each input, by name, of exactly its type and shape; they are copied before this returns.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="ArgumentException">A tensor is missing, or of another type or shape.</exception>
    /// <exception cref="ServiceBusyException">The queue is full.</exception>
    /// <exception cref="ObjectDisposedException">The service has ended.</exception>
    public async Task<IReadOnlyDictionary<string, Tensor>> RunAsync(IReadOnlyDictionary<string, Tensor> inputs,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var model = Volatile.Read(ref _current);
        foreach (var name in inputs.Keys.Where(n => model.Inputs.All(i => i.Name != n)))
            throw new ArgumentException($"The network has no input '{VisibleText.Of(name)}'.", nameof(inputs));
        var bytes = model.Inputs.Select(i => inputs.GetValueOrDefault(i.Name) is var tensor && tensor?.Type == i.Type && tensor.Shape == i.Shape
            ? tensor.Bytes.ToArray()
            : throw new ArgumentException($"The input '{i.Name}' must be {i.Type} {i.Shape}"
                + (tensor is null ? "; it is missing." : $", not {tensor}."), nameof(inputs))).ToArray();
        var answer = await AnswerAsync(bytes, cancellationToken).ConfigureAwait(false);
        return model.Outputs.Index().ToDictionary(o => o.Item.Name, o => answer[o.Index], StringComparer.Ordinal);
    }

    /// <summary>Answers by another model from now on: it is loaded and warmed first, then takes over, and the one before it is freed after its last
    /// run. No request fails or waits for it.</summary>
    /// <param name="path">The file; its inputs and outputs must be those of the model before it.</param>
    /// <exception cref="CaliperException">The file cannot be read or run, or takes or gives something else; the model before it answers
    /// on.</exception>
    /// <exception cref="ObjectDisposedException">The service has ended.</exception>
    public void Swap(string path)
    {
        try
        {
            var next = new LoadedModel(OnnxFile.Read(path), _options);
            Replace(next, path).Dispose();
            _meters.Swap();
            LogSwap(path, next.MaxBatch);
        }
        catch (CaliperException error)
        {
            LogRefusal(error.Message);
            throw;
        }
    }

    /// <summary>Takes no more requests, answers those that wait, and frees everything.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_swapping)
        {
            if (_isEnding++ != 0) return;
        }
        _queue.Writer.Complete();
        await Task.WhenAll(_workers).ConfigureAwait(false);
        _current.Dispose();
        _meters.Dispose();
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Lets another model answer.</summary>
    /// <returns>The one before it.</returns>
    private LoadedModel Replace(LoadedModel next, string path)
    {
        lock (_swapping)
        {
            var before = _current;
            if (_isEnding == 0 && next.DifferenceTo(before) is null)
            {
                Volatile.Write(ref _current, next);
                return before;
            }
            next.Dispose();
            ObjectDisposedException.ThrowIf(_isEnding != 0, this);
            throw new CaliperException(
                $"'{path}' has other inputs or outputs than the model that answers: {next.DifferenceTo(before)}. It was not taken.");
        }
    }

    private async Task<Tensor[]> AnswerAsync(byte[][] inputs, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var request = new Int8Request(inputs, _options.Clock.GetTimestamp());
        if (!_queue.Writer.TryWrite(request))
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isEnding) != 0, this);
            _meters.Request("refused");
            throw new ServiceBusyException(_options.QueueCapacity);
        }
        using var given = cancellationToken.Register(() =>
        {
            if (request.Cancel(cancellationToken)) _meters.Request("cancelled");
        });
        return await request.Answer.ConfigureAwait(false);
    }

    /// <summary>Takes what waits, as much as fits into a batch, and answers it; to the end of the service.</summary>
    private async Task WorkAsync()
    {
        var batch = new List<Int8Request>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var model = Enter();
            try
            {
                while (batch.Count < model.MaxBatch && _queue.Reader.TryRead(out var request))
                    if (!request.Answer.IsCompleted) batch.Add(request);
                if (batch.Count > 0) Answer(model, batch);
            }
            finally
            {
                model.Leave();
                batch.Clear();
            }
        }
    }

    /// <summary>The model that answers, kept from ending.</summary>
    private LoadedModel Enter()
    {
        while (true)
        {
            var model = Volatile.Read(ref _current);
            if (model.TryEnter()) return model;
        }
    }

    private void Answer(LoadedModel model, List<Int8Request> batch)
    {
        try
        {
            var answers = model.Run([.. batch.Select(r => r.Inputs)]);
            _meters.Batch(batch.Count);
            foreach (var (request, answer) in batch.Zip(answers))
                if (request.Complete(answer)) _meters.Answered(_options.Clock.GetElapsedTime(request.Started));
        }
        catch (Exception error)
        {
            // A run fails by what it is fed, such as an index outside of its table: of a batch, only the one that is at fault.
            if (batch.Count > 1)
            {
                foreach (var request in batch) Answer(model, [request]);
                return;
            }
            if (!batch[0].Fail(error)) return;
            _meters.Request("failed");
            LogFailure(error);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Answering with {Workers} workers, up to {MaxBatch} requests together")]
    private partial void LogStart(int workers, int maxBatch);

    [LoggerMessage(Level = LogLevel.Information, Message = "Answering by {Path} now, up to {MaxBatch} requests together")]
    private partial void LogSwap(string path, int maxBatch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another model was not taken, the one before it answers on: {Reason}")]
    private partial void LogRefusal(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed")]
    private partial void LogFailure(Exception error);
}
