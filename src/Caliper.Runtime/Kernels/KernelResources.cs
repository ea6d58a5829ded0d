using Caliper.Assembly;

namespace Caliper.Kernels;

/// <summary>What the kernels of one session own together (packed weights, code memory), freed with the session.</summary>
internal sealed class KernelResources : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>What runs the code that kernels generate.</summary>
    public CodeMachine Machine { get; init; } = CodeMachine.Processor;

    /// <summary>What is owned of a type.</summary>
    public IEnumerable<T> Owned<T>() => _owned.OfType<T>();

    /// <summary>Hands something over to be disposed of with the session.</summary>
    public T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>The one resource of a type that all kernels of the session share, made at the first call.</summary>
    public T Shared<T>(Func<T> create) where T : class, IDisposable =>
        Owned<T>().FirstOrDefault() ?? Own(create());

    public void Dispose()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
        _owned.Clear();
    }
}
