; Small kernels without an operating system, for rz bench kernels: an ELF file with a PVH entry.
; Each is announced on COM1 by "[name", and its end by "]". Build: nasm -f bin kernels.asm
        bits 64
        org 0x100000
DATA    equ 0x1000000                   ; 16 MiB; tables below it
PML4    equ 0x200000
COM1    equ 0x3F8

elf:    db 0x7F, "ELF", 2, 1, 1
        times 9 db 0
        dw 2, 62                        ; executable, x86-64
        dd 1
        dq start                        ; entry
        dq headers - elf, 0             ; program headers, no sections
        dd 0
        dw 64, 56, 2, 0, 0, 0
headers:
        dd 1, 7                         ; PT_LOAD, RWX
        dq 0, elf, elf, end - elf, end - elf, 4096
        dd 4, 4                         ; PT_NOTE
        dq note - elf, note, note, 20, 20, 4
note:   dd 4, 4, 18                     ; XEN_ELFNOTE_PHYS32_ENTRY
        db "Xen", 0
        dd start

        bits 32
start:  cld
        mov edi, PML4                   ; identity mapping of 1 GiB, pages of 2 MiB
        xor eax, eax
        mov ecx, 3 * 1024
        rep stosd
        mov dword [PML4], PML4 + 0x1003
        mov dword [PML4 + 0x1000], PML4 + 0x2003
        mov edi, PML4 + 0x2000
        mov eax, 0x83
.page:  mov [edi], eax
        add edi, 8
        add eax, 0x200000
        cmp edi, PML4 + 0x3000
        jb .page
        mov eax, PML4
        mov cr3, eax
        mov eax, 0x40620                ; PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
        mov cr4, eax
        xor ecx, ecx
        xor edx, edx
        mov eax, 7                      ; x87, SSE, AVX
        xsetbv
        mov ecx, 0xC0000080
        mov eax, 0x100                  ; LME
        xor edx, edx
        wrmsr
        mov eax, 0x80010033             ; PG, WP, NE, ET, MP, PE
        mov cr0, eax
        lgdt [gdtr]
        jmp dword 8:long_mode
        align 8
gdt:    dq 0, 0x00AF9B000000FFFF, 0x00CF93000000FFFF
gdtr:   dw 23
        dd gdt

        bits 64
long_mode:
        mov eax, 16
        mov ds, eax
        mov es, eax
        mov ss, eax
        mov rsp, DATA - 16
        mov rbx, list
.next:  mov rsi, [rbx]
        test rsi, rsi
        jz .over
        mov al, '['
        call put
.name:  lodsb
        test al, al
        jz .named
        call put
        jmp .name
.named: mov al, 10
        call put
        push rbx
        call [rbx + 8]
        pop rbx
        mov al, ']'
        call put
        mov al, 10
        call put
        add rbx, 16
        jmp .next
.over:  mov al, '!'
        call put
        mov al, 10
        call put
.stop:  cli
        hlt
        jmp .stop
put:    mov edx, COM1
        out dx, al
        ret

; --- the kernels; all registers are theirs

array:  mov ebp, 3000
.again: mov rsi, DATA
        mov ecx, 16384
        xor edx, edx
.loop:  mov rax, [rsi]
        add rdx, rax
        add rax, 3
        mov [rsi], rax
        add rsi, 8
        dec ecx
        jnz .loop
        dec ebp
        jnz .again
        ret

sieve:  mov ebp, 200
.again: mov rdi, DATA
        mov rcx, DATA
.clear: mov qword [rcx], 0
        add rcx, 8
        cmp rcx, DATA + 65536
        jb .clear
        mov ecx, 2
.prime: cmp byte [rdi + rcx], 0
        jne .no
        mov eax, ecx
        imul eax, ecx
.mark:  mov byte [rdi + rax], 1
        add eax, ecx
        cmp eax, 65536
        jb .mark
.no:    inc ecx
        cmp ecx, 256
        jb .prime
        dec ebp
        jnz .again
        ret

fib:    mov edi, 33
        call .fib
        ret
.fib:   cmp edi, 2
        jb .small
        push rdi
        dec edi
        call .fib
        pop rdi
        push rax
        sub edi, 2
        call .fib
        pop rcx
        add rax, rcx
        ret
.small: mov eax, edi
        ret

string: mov rdi, DATA
        mov ecx, 8191
.fill:  mov byte [rdi + rcx], 'x'
        dec ecx
        jns .fill
        mov byte [rdi + 8191], 0
        mov ebp, 4000
.again: mov rsi, DATA
        xor eax, eax
.len:   cmp byte [rsi + rax], 0
        je .copy
        inc rax
        jmp .len
.copy:  mov rdi, DATA + 0x10000
        xor ecx, ecx
.byte:  mov dl, [rsi + rcx]
        mov [rdi + rcx], dl
        inc rcx
        cmp rcx, rax
        jb .byte
        dec ebp
        jnz .again
        ret

interp: mov ebp, 2500000
        xor edx, edx
        mov edi, 1
.again: mov rsi, program
        movzx eax, byte [rsi]
        inc rsi
        jmp [ops + rax * 8]
op_add: add rdx, rdi
        movzx eax, byte [rsi]
        inc rsi
        jmp [ops + rax * 8]
op_xor: xor rdi, rdx
        movzx eax, byte [rsi]
        inc rsi
        jmp [ops + rax * 8]
op_shl: lea rdi, [rdi + rdi + 1]
        movzx eax, byte [rsi]
        inc rsi
        jmp [ops + rax * 8]
op_sub: sub rdx, 7
        movzx eax, byte [rsi]
        inc rsi
        jmp [ops + rax * 8]
op_end: dec ebp
        jnz interp.again
        ret

sse2:   mov ebp, 9000
        movdqa xmm0, [ones]
        pxor xmm3, xmm3
.again: mov rsi, DATA
        mov ecx, 4096
.loop:  movdqa xmm1, [rsi]
        paddd xmm1, xmm0
        pshufd xmm2, xmm1, 0x1B
        pxor xmm3, xmm2
        pmaddwd xmm2, xmm0
        movdqa [rsi], xmm1
        add rsi, 16
        dec ecx
        jnz .loop
        dec ebp
        jnz .again
        ret

mandel: mov ebp, 1200                   ; rows
        movsd xmm8, [first]
        movsd xmm9, [step]
        movsd xmm10, [four]
        movapd xmm7, xmm8               ; ci
.row:   mov ecx, 300
        movapd xmm6, xmm8               ; cr
.point: xorpd xmm0, xmm0
        xorpd xmm1, xmm1
        mov eax, 200
.iter:  movapd xmm2, xmm0
        mulsd xmm2, xmm2
        movapd xmm3, xmm1
        mulsd xmm3, xmm3
        movapd xmm4, xmm2
        addsd xmm4, xmm3
        ucomisd xmm4, xmm10
        ja .out
        mulsd xmm1, xmm0
        addsd xmm1, xmm1
        addsd xmm1, xmm7
        subsd xmm2, xmm3
        addsd xmm2, xmm6
        movapd xmm0, xmm2
        dec eax
        jnz .iter
.out:   addsd xmm6, xmm9
        dec ecx
        jnz .point
        addsd xmm7, xmm9
        dec ebp
        jnz .row
        ret

dot:    mov rdi, DATA
        mov ecx, 8192
        movsd xmm0, [first]
.fill:  movsd [rdi], xmm0
        add rdi, 8
        dec ecx
        jnz .fill
        mov ebp, 32000
        xorpd xmm2, xmm2
.again: mov rsi, DATA
        mov rdi, DATA + 0x8000
        mov ecx, 2048
.loop:  movapd xmm0, [rsi]
        mulpd xmm0, [rdi]
        addpd xmm2, xmm0
        add rsi, 16
        add rdi, 16
        dec ecx
        jnz .loop
        dec ebp
        jnz .again
        ret

stride: mov ebp, 6000
.again: mov rsi, DATA
        mov ecx, 2048
        xor edx, edx
.loop:  add rdx, [rsi]
        add rsi, 4096 + 64
        dec ecx
        jnz .loop
        dec ebp
        jnz .again
        ret

high:   mov ebp, 3000
.again: mov r13, DATA
        mov r14d, 16384
        xor r15d, r15d
.loop:  mov r12, [r13]
        add r15, r12
        add r12, 3
        mov [r13], r12
        add r13, 8
        dec r14d
        jnz .loop
        dec ebp
        jnz .again
        ret

chase:  mov rdi, DATA                   ; a ring through 8192 nodes, far apart
        xor ecx, ecx
.ring:  mov eax, ecx
        imul eax, eax, 4801
        add eax, 2473
        and eax, 8191
        lea rax, [rdi + rax * 8]
        mov [rdi + rcx * 8], rax
        inc ecx
        cmp ecx, 8192
        jb .ring
        mov ecx, 30000000
        mov rax, rdi
.loop:  mov rax, [rax]
        dec ecx
        jnz .loop
        ret

        align 16
ones:   dd 1, 2, 3, 4
first:  dq -1.5
step:   dq 0.002
four:   dq 4.0
program: db 0, 1, 0, 2, 3, 0, 1, 2, 0, 0, 3, 1, 4
        align 8
ops:    dq op_add, op_xor, op_shl, op_sub, op_end
list:
        dq name0, array
        dq name1, sieve
        dq name2, fib
        dq name3, string
        dq name4, interp
        dq name5, sse2
        dq name6, mandel
        dq name7, dot
        dq name8, stride
        dq name9, high
        dq name10, chase
        dq 0
name0:  db "array", 0
name1:  db "sieve", 0
name2:  db "fib", 0
name3:  db "string", 0
name4:  db "interpreter", 0
name5:  db "sse2", 0
name6:  db "mandelbrot", 0
name7:  db "dot", 0
name8:  db "stride", 0
name9:  db "high-registers", 0
name10:  db "chase", 0
end:
