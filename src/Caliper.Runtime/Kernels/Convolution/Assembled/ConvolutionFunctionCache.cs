using Caliper.Assembly;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// The functions of a session, shared by layers and plans in which they are the same. Those that no plan uses any more are kept as far as a budget
/// goes: distances are part of a form, so that images of many sizes would fill the memory with code.
/// </summary>
internal sealed class ConvolutionFunctionCache(CodeMachine machine) : IDisposable
{
    /// <summary>Bytes of code that is kept for nobody.</summary>
    public const long MostIdleBytes = 4L << 20;

    private readonly Dictionary<FunctionKey, Entry> _made = [];
    private readonly LinkedList<Entry> _idle = new();
    private long _idleBytes;

    /// <summary>Bytes of all code that is kept.</summary>
    public long ByteCount
    {
        get { lock (_made) return _made.Values.Sum(e => e.ByteCount); }
    }

    /// <summary>A function, made at the first call; null where the system gives no executable pages.</summary>
    /// <param name="key">What it depends on.</param>
    /// <param name="user">Who uses it until it is disposed of.</param>
    public ConvolutionFunction? Get(FunctionKey key, KernelResources user)
    {
        lock (_made)
        {
            if (!_made.TryGetValue(key, out var entry))
                _made.Add(key, entry = new Entry { Key = key, Function = ConvolutionFunction.TryCreate(key, machine) });
            else if (entry.Users == 0) Take(entry);
            entry.Users++;
            user.Own(new Use(this, entry));
            return entry.Function;
        }
    }

    public void Dispose()
    {
        foreach (var entry in _made.Values) entry.Function?.Dispose();
    }

    private void Leave(Entry entry)
    {
        lock (_made)
        {
            if (--entry.Users > 0) return;
            _idle.AddLast(entry.Place);
            _idleBytes += entry.ByteCount;
            while (_idleBytes > MostIdleBytes && _idle.First is { Value: var oldest })
            {
                Take(oldest);
                _made.Remove(oldest.Key);
                oldest.Function?.Dispose();
            }
        }
    }

    private void Take(Entry idle)
    {
        _idle.Remove(idle.Place);
        _idleBytes -= idle.ByteCount;
    }

    private sealed class Entry
    {
        public readonly LinkedListNode<Entry> Place;
        public required FunctionKey Key;
        public required ConvolutionFunction? Function;
        public int Users;

        public Entry() => Place = new(this);

        public long ByteCount => Function?.ByteCount ?? 0;
    }

    private sealed class Use(ConvolutionFunctionCache cache, Entry entry) : IDisposable
    {
        public void Dispose() => cache.Leave(entry);
    }
}
