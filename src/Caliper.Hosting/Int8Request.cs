using Caliper.Graphs;

namespace Caliper.Hosting;

/// <summary>A request that waits for its answer.</summary>
/// <param name="Inputs">The bytes of its inputs, a copy, in the order of the model's.</param>
/// <param name="Started">When it came, on the service's clock.</param>
internal sealed record Int8Request(byte[][] Inputs, long Started)
{
    private readonly TaskCompletionSource<Tensor[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its outputs, in the order of the model's.</summary>
    public Task<Tensor[]> Answer => _answer.Task;

    /// <summary>Gives the answer; false where nobody waits for it any more.</summary>
    public bool Complete(Tensor[] outputs) => _answer.TrySetResult(outputs);

    /// <summary>Tells what went wrong.</summary>
    public bool Fail(Exception error) => _answer.TrySetException(error);

    /// <summary>Gives it up.</summary>
    public bool Cancel(CancellationToken cancellationToken) => _answer.TrySetCanceled(cancellationToken);
}
