using Caliper.Assembly;

namespace Caliper.Kernels;

/// <summary>What the kernels of one session own together (packed weights, code memory), freed with the session.</summary>
/// <param name="model">What all plans of one model own together, and outlives each of them; null where there is one plan.</param>
internal sealed class KernelResources(KernelResources? model = null) : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly Dictionary<Type, IDisposable> _shared = [];
    private readonly Dictionary<object, Dictionary<object, object>> _made = new(ReferenceEqualityComparer.Instance);

    /// <summary>What runs the code that kernels assemble.</summary>
    public CodeMachine Machine { get; init; } = model?.Machine ?? CodeMachine.Processor;

    /// <summary>What code is to be fast on; its bits do not depend on it.</summary>
    public CoreKind Core { get; init; } = model?.Core ?? Cores.Current;

    /// <summary>What does not depend on sizes: weights and code. Of one plan alone, the same.</summary>
    public KernelResources Model => model ?? this;

    /// <summary>Whether other plans come after this one.</summary>
    public bool HasModel => model is not null;

    /// <summary>Bytes of all memory that is owned.</summary>
    public long ByteCount => Owned<NativeBuffer>().Sum(b => b.Length) + Owned<PackedMemory>().Sum(m => m.ByteCount);

    /// <summary>What is owned of a type.</summary>
    public IEnumerable<T> Owned<T>() => _owned.OfType<T>();

    /// <summary>Hands something over to be disposed of with the session.</summary>
    public T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    /// <summary>The one resource of a type that all kernels of the session share, made at the first call.</summary>
    public T Shared<T>(Func<T> create) where T : class, IDisposable
    {
        if (_shared.TryGetValue(typeof(T), out var known)) return (T)known;
        var made = Own(create());
        _shared.Add(typeof(T), made);
        return made;
    }

    /// <summary>What is made of something once, however often it is asked for.</summary>
    /// <param name="source">What it is made of, itself and not another that equals it.</param>
    /// <param name="form">What is made of it.</param>
    /// <param name="make">Makes it.</param>
    public T Once<T>(object source, object form, Func<T> make) where T : notnull
    {
        if (!_made.TryGetValue(source, out var forms)) _made.Add(source, forms = []);
        if (forms.TryGetValue((typeof(T), form), out var known)) return (T)known;
        var made = make();
        forms.Add((typeof(T), form), made);
        return made;
    }

    /// <summary>Forgets what was made once: nobody will ask for it again.</summary>
    public void Forget() => _made.Clear();

    public void Dispose()
    {
        _made.Clear();
        for (var i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
        _owned.Clear();
        _shared.Clear();
    }
}
